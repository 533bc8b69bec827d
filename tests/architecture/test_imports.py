"""Front ends load nothing costly, libvirt stays in its provider, and the stubs tell the truth about it."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

_COSTLY = (
    *("libvirt", "pydantic", "psutil", "cryptography", "ruamel", "yaml", "watchfiles", "pycdlib"),
    *("httpx", "requests", "urllib3", "aiohttp", "h11", "http.server", "urllib.request"),
    *("clonebox_tui.engine", "clonebox_tui.worker", "clonebox_tui.providers", "clonebox_tui.config"),
    *("clonebox_tui.guest", "clonebox_tui.store"),
)
"""What no front end may load: libraries that cost start-up time, and the worker's side of the socket."""


def _loaded_by(statement: str) -> frozenset[str]:
    script = f"{statement}; import sys; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return frozenset(answer.stdout.split())


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("clonebox_tui.cli.main", (*_COSTLY, "textual", "clonebox_tui.tui")),
        ("clonebox_tui.tui.app", (*_COSTLY, "clonebox_tui.cli")),
        ("clonebox_tui.model", (*_COSTLY, "textual", "click", "asyncio")),
    ],
)
def test_a_front_end_loads_nothing_costly(module: str, forbidden: tuple[str, ...]) -> None:
    loaded = _loaded_by(f"import {module}")
    assert module in loaded
    assert sorted(set(forbidden) & loaded) == []


def _imported_names(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_only_its_own_provider_imports_libvirt(checkout: Path) -> None:
    package = checkout / "clonebox_tui"
    sources = [path for path in package.rglob("*.py") if package / "providers/libvirt" not in path.parents]
    assert sources
    guilty = [path for path in sources if {"libvirt", "libvirt_qemu", "libvirtaio"} & _imported_names(path)]
    assert guilty == []


def test_the_worker_starts_without_libvirt_and_textual() -> None:
    loaded = _loaded_by("import clonebox_tui.worker, clonebox_tui.engine")
    assert sorted({"libvirt", "textual"} & loaded) == []


def test_asyncio_comes_without_openssl_and_https_still_works() -> None:
    lean = "from clonebox_tui.lean_asyncio import import_lean_asyncio as lean; lean()"
    loaded = _loaded_by(f"{lean}; import textual.app")
    assert "asyncio" in loaded
    assert sorted({"ssl", "_ssl"} & loaded) == []
    assert "_ssl" in _loaded_by(f"{lean}; import urllib.request as u; u.HTTPSHandler()")


@pytest.mark.parametrize("stub", ["libvirt", "libvirt_qemu", "libvirtaio"])
def test_a_stub_names_only_what_the_module_has(checkout: Path, stub: str) -> None:
    module = importlib.import_module(stub)
    folder = checkout / "stubs" / stub
    missing: list[str] = []
    for path in sorted(folder.glob("*.pyi")) or [folder.with_suffix(".pyi")]:
        for node in ast.parse(path.read_text()).body:
            missing += [name for name in _names_of(node) if not _has(module, name)]
    assert missing == []


def _names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef):
        return [f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)]
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _has(module: object, name: str) -> bool:
    value = module
    for part in name.split("."):
        if not hasattr(value, part):
            return False
        value = getattr(value, part)
    return True
