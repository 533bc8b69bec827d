"""The lock pins what pyproject.toml asks for, and names no place to fetch it from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def _pins(lock: Path) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in _PIN.findall(lock.read_text())}


def _asked_for(checkout: Path, *extras: str) -> list[Requirement]:
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ()), ("requirements-dev.lock", ("libvirt", "dev"))]
)
def test_the_lock_pins_every_dependency_in_range(checkout: Path, lock: str, extras: tuple[str, ...]) -> None:
    pins = _pins(checkout / lock)
    stale = [
        str(wanted)
        for wanted in _asked_for(checkout, *extras)
        if not wanted.specifier.contains(pins.get(canonicalize_name(wanted.name), "0"), prereleases=True)
    ]
    assert stale == [], "run: make lock"


def test_both_locks_agree(checkout: Path) -> None:
    every, runtime = _pins(checkout / "requirements-dev.lock"), _pins(checkout / "requirements.lock")
    assert runtime.items() <= every.items()
    assert "libvirt-python" not in runtime


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_names_no_place_and_hashes_everything(checkout: Path, lock: str) -> None:
    text = (checkout / lock).read_text()
    assert not re.search(r"https?://|file:|--index|--find-links", text)
    for block in re.split(r"\n(?=\S)", text):
        assert "==" not in block or "--hash=sha256:" in block
