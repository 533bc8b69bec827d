"""The wheel runs without the source tree, styles included."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from clonebox_tui import __version__

# One process builds the wheel for all of them.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def _run(*words: str | Path, cwd: Path) -> str:
    done = subprocess.run([*map(str, words)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    """A fresh environment with the wheel in it; only the libraries are borrowed from this one."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=checkout)
    _run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv/bin/python"
    here = sysconfig.get_path("purelib")
    there = _run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    # Named in a .pth, the libraries can be imported, while the editable install's own .pth is not read.
    (Path(there) / "borrowed.pth").write_text(here + "\n")
    wheel = next(folder.glob("*.whl"))
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    _run(*pip, "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", wheel, cwd=folder)
    return folder / "venv/bin"


def test_the_installed_command_answers(installed: Path) -> None:
    assert _run(installed / "clonebox-tui", "--version", cwd=installed) == f"clonebox-tui {__version__}\n"


def test_the_package_comes_from_the_wheel_with_its_styles(installed: Path, checkout: Path) -> None:
    where = "import clonebox_tui; print(clonebox_tui.__path__[0])"
    package = Path(_run(installed / "python", "-c", where, cwd=installed).strip())
    assert checkout not in package.parents
    assert (package / "py.typed").is_file()
    shipped = {path.relative_to(package / "styles") for path in (package / "styles").rglob("*.tcss")}
    assert shipped == {
        path.relative_to(checkout / "styles") for path in (checkout / "styles").rglob("*.tcss")
    }
    used = "from clonebox_tui.tui import styles; print(styles.folder()); styles.cockpit_stylesheet()"
    assert Path(_run(installed / "python", "-c", used, cwd=installed).strip()) == package / "styles"


def test_every_command_finds_its_modules_in_the_wheel(installed: Path) -> None:
    assert "list" in _run(installed / "clonebox-tui", "--help", cwd=installed)


def test_the_worker_runs_from_the_wheel(installed: Path) -> None:
    command = (installed / "clonebox-tui", "--demo")
    assert json.loads(_run(*command, "list", "--json", cwd=installed))["machines"]
    _run(*command, "worker", "stop", cwd=installed)
