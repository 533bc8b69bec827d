"""Programs of a simulated machine that tell about its files: `stat`, `find`, `sha256sum`."""

import hashlib
import stat

from clonebox_tui.providers.simulated.commands import Command, Process
from clonebox_tui.providers.simulated.files import absolute, hash_of, is_folder

_FIRST_DAY, _DAYS = 1_750_000_000, 86_400 * 30
"""Files were last changed on some day of a month in the summer of 2025, each always on the same."""


def _stat(process: Process) -> int:
    words = [word for word in process.argv if word not in ("-L", "--")]
    if len(words) < 3 or words[0] != "-c":
        return process.complain("stat: only -c FORMAT is known here")
    code = 0
    for name in words[2:]:
        path = process.path(name)
        if path in process.files or is_folder(process.files, path):
            process.say(_described(process.files, path, words[1], name))
        else:
            code = process.complain(f"stat: cannot statx '{name}': No such file or directory")
    return code


def _described(files: dict[str, bytes], path: str, form: str, name: str) -> str:
    folder = is_folder(files, path)
    mode = stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o644
    parts = path.split("/")
    owner = parts[2] if parts[1] == "home" and len(parts) > 2 else "root"
    words = {
        "%f": f"{mode:x}",
        "%a": f"{mode & 0o777:o}",
        "%s": str(4096 if folder else len(files[path])),
        "%Y": str(_FIRST_DAY + hash_of(path) % _DAYS),
        "%U": owner,
        "%n": name,
    }
    for sign, word in words.items():
        form = form.replace(sign, word)
    return form


def _find(process: Process) -> int:
    """Direct children only, and `-exec stat -c FORMAT {} +` for them."""
    where = process.argv[0] if process.argv and not process.argv[0].startswith("-") else "."
    folder = process.path(where).rstrip("/") + "/"
    if not is_folder(process.files, folder.rstrip("/") or "/"):
        return process.complain(f"find: '{where}': No such file or directory")
    below = (path.removeprefix(folder) for path in process.files if path.startswith(folder))
    children = sorted({rest.split("/", 1)[0] for rest in below if rest})
    form = process.argv[process.argv.index("-c") + 1] if "-c" in process.argv else "%n"
    for child in children:
        process.say(_described(process.files, absolute(child, folder), form, f"{where}/{child}"))
    return 0


def _sha256sum(process: Process) -> int:
    names = [name for name in process.names if name != "-"]
    if not names:
        return process.say(f"{hashlib.sha256(process.stdin).hexdigest()}  -")
    for name in names:
        content = process.files.get(process.path(name))
        if content is None:
            return process.complain(f"sha256sum: {name}: No such file or directory")
        process.say(f"{hashlib.sha256(content).hexdigest()}  {name}")
    return 0


PROGRAMS: dict[str, Command] = {
    "stat": _stat,
    "find": _find,
    "sha256sum": _sha256sum,
    "sync": lambda _process: 0,
    "umask": lambda _process: 0,
    ":": lambda _process: 0,
}
