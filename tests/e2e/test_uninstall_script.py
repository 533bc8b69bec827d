"""`make uninstall` removes what the product left, after asking; never a disk that a machine uses."""

import subprocess
from pathlib import Path

import pytest

_MACHINE_XML = "<domain><devices><disk><source file='{}/machines/web/disk.qcow2'/></disk></devices></domain>"


@pytest.fixture
def leftovers(world: Path, tmp_path: Path, checkout: Path) -> Path:
    """A checkout of its own with .venv, and files in every place of an ordinary user."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/uninstall").write_bytes((checkout / "scripts/uninstall").read_bytes())
    (tmp_path / ".venv").mkdir()
    (tmp_path / "bin").mkdir()
    for kind in ("state", "config", "cache", "data"):
        (world / "home" / f".{kind}" / "clonebox").mkdir()
        (world / "home" / f".{kind}" / "other").mkdir()
    _program(tmp_path / "bin/id", "echo 1000")
    _program(tmp_path / "bin/virsh", "exit 0")
    return tmp_path


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def _uninstall(
    root: Path, world: Path, answer: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    places = {f"XDG_{kind}_HOME": f"{world}/home/.{kind.lower()}" for kind in ("STATE", "CONFIG", "CACHE")}
    return subprocess.run(
        ["/bin/sh", "scripts/uninstall"],
        cwd=root,
        env={
            "PATH": f"{root}/bin:/usr/bin:/bin",
            "HOME": f"{world}/home",
            "CLONEBOX_RUNTIME_DIR": f"{world}/run",
            "XDG_DATA_HOME": f"{world}/home/.data",
            **places,
            **environment,
        },
        input=answer,
        capture_output=True,
        text=True,
        check=False,
    )


def _left(world: Path) -> list[str]:
    return sorted(f"{path.parent.name}/{path.name}" for path in (world / "home").glob(".*/*"))


_OTHERS = [".cache/other", ".config/other", ".data/other", ".state/other"]


def test_everything_of_ours_goes_and_nothing_else(leftovers: Path, world: Path) -> None:
    done = _uninstall(leftovers, world, YES="1")
    assert done.returncode == 0, done.stderr
    assert _left(world) == _OTHERS
    assert not (world / "run").exists()
    assert not (leftovers / ".venv").exists()
    assert "Nothing of clonebox-tui is left" in _uninstall(leftovers, world).stdout


@pytest.mark.parametrize("answer", ["", "no\n", "y\n"])
def test_nothing_goes_without_a_clear_yes(leftovers: Path, world: Path, answer: str) -> None:
    before = _left(world)
    assert _uninstall(leftovers, world, answer).returncode == 1
    assert _left(world) == before


def test_a_typed_yes_is_enough(leftovers: Path, world: Path) -> None:
    assert _uninstall(leftovers, world, "yes\n").returncode == 0
    assert _left(world) == _OTHERS


def test_a_machine_that_still_has_its_disk_there_is_named_and_keeps_it(leftovers: Path, world: Path) -> None:
    xml = _MACHINE_XML.format(f"{world}/home/.data/clonebox")
    _program(
        leftovers / "bin/virsh", f'case "$*" in *list*) echo web;; *dumpxml*) cat <<"X"\n{xml}\nX\n;; esac'
    )
    done = _uninstall(leftovers, world, YES="1")
    assert done.returncode == 1
    assert "these machines have their disks or shares there: web" in done.stderr
    assert ".data/clonebox" in _left(world)


def test_it_tells_of_machines_that_could_still_be_brought_back(leftovers: Path, world: Path) -> None:
    entry = world / "home/.data/clonebox/trash/uuid/entry.json"
    entry.parent.mkdir(parents=True)
    entry.touch()
    said = _uninstall(leftovers, world, "no\n")
    assert "1 deleted machines that could still be brought back" in said.stdout
    assert entry.exists()
