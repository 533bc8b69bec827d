"""Without root and without sudo, the set-up names what is missing and goes on as far as it can."""

import subprocess
from pathlib import Path

import pytest

_TOOLS = ("sh", "awk", "grep", "cat", "cut", "sha256sum", "dirname", "printf", "env", "rm")


def _packages(checkout: Path, *stages: str) -> list[str]:
    lines = (checkout / "scripts/system-packages.txt").read_text().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [row[0] for row in rows if row[1] in stages]


@pytest.fixture
def ordinary_user(tmp_path: Path, checkout: Path) -> Path:
    """A checkout and a PATH as an ordinary user without sudo has them; `installed` lists Debian packages."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "scripts").mkdir()
    for tool in _TOOLS:
        (tmp_path / "bin" / tool).symlink_to(f"/usr/bin/{tool}")
    for name in ("install", "system-packages.txt"):
        (tmp_path / "scripts" / name).write_bytes((checkout / "scripts" / name).read_bytes())
    _script(tmp_path / "bin/id", "echo 1000")
    _script(tmp_path / "bin/dpkg-query", f"cat {tmp_path}/installed")
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).write_text("")
    return tmp_path


def _script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def _install(root: Path, installed: list[str]) -> subprocess.CompletedProcess[str]:
    (root / "installed").write_text("".join(f"{name} installed\n" for name in installed))
    return subprocess.run(
        ["/bin/sh", "scripts/install"],
        cwd=root,
        env={"PATH": str(root / "bin"), "PYTHON": str(root / "no-python")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_the_build_needs_stops_it_with_the_one_line_to_run(ordinary_user: Path, checkout: Path) -> None:
    done = _install(ordinary_user, _packages(checkout, "run", "test"))
    missing = " ".join(_packages(checkout, "build"))
    assert done.returncode == 1
    assert f"apt-get update && apt-get install -y --no-install-recommends {missing}" in done.stdout
    assert f"cannot go on without: {missing}" in done.stderr


def test_what_only_machines_need_is_named_and_the_set_up_goes_on(ordinary_user: Path, checkout: Path) -> None:
    done = _install(ordinary_user, _packages(checkout, "build", "test"))
    assert f"these Debian packages are missing: {' '.join(_packages(checkout, 'run'))}" in done.stdout
    assert "going on without them" in done.stdout


def test_nothing_is_said_about_packages_that_are_there(ordinary_user: Path, checkout: Path) -> None:
    done = _install(ordinary_user, _packages(checkout, "build", "run", "test"))
    assert "missing" not in done.stdout


def test_every_package_tells_why_it_is_there(checkout: Path) -> None:
    lines = (checkout / "scripts/system-packages.txt").read_text().splitlines()
    rows = [line.split(maxsplit=2) for line in lines if line and not line.startswith("#")]
    assert rows
    assert [row for row in rows if len(row) < 3 or row[1] not in {"build", "run", "test"}] == []
