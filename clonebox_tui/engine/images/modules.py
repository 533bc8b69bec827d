"""Kernel modules in load order, so that a tiny initrd needs neither depmod nor modprobe."""

import lzma
import re
from collections.abc import Iterable
from pathlib import Path

_DEPENDS = re.compile(rb"\0depends=([^\0]*)\0")  # modinfo section: NUL-separated key=value strings
_SUFFIXES = (".ko", ".ko.xz")


def _stem(file_name: str) -> str:
    """Module name of a file name; `-` and `_` are the same in module names."""
    return file_name.split(".ko")[0].replace("-", "_")


class ModuleTree:
    """The modules of one kernel, as packaged in `lib/modules/VERSION`."""

    def __init__(self, folder: Path) -> None:
        self._files = {_stem(p.name): p for p in folder.rglob("*.ko*") if p.name.endswith(_SUFFIXES)}
        builtin = (folder / "modules.builtin").read_text().splitlines()
        self._builtin = {_stem(Path(line).name) for line in builtin}

    def read(self, name: str) -> bytes:
        """The module itself, unpacked."""
        path = self._files[name]
        data = path.read_bytes()
        return lzma.decompress(data) if path.suffix == ".xz" else data

    def load_order(self, wanted: Iterable[str], loaded: Iterable[str] = ()) -> list[str]:
        """`wanted` and what they depend on, dependencies first, without those built in or already `loaded`.

        A name this kernel does not have is left out: which drivers are modules differs between kernels.
        """
        done, order = set(loaded), list[str]()

        def visit(name: str) -> None:
            if name in done or name in self._builtin or name not in self._files:
                return
            done.add(name)
            found = _DEPENDS.search(self.read(name))
            for dependency in found.group(1).decode().split(",") if found else ():
                visit(dependency.replace("-", "_"))
            order.append(name)

        for name in wanted:
            visit(name.replace("-", "_"))
        return order
