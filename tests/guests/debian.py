"""Fetch and unpack packages of the host's own Debian release as an ordinary user: nothing is installed."""

import subprocess
from pathlib import Path

# apt drops to user _apt by default, which cannot write into a test's private folder.
_APT = ["-o", "APT::Sandbox::User="]


def kernel_package(architecture: str = "amd64") -> str:
    """The versioned package behind `linux-image-ARCH` (the generic kernel: it has 9p and virtiofs)."""
    meta = f"linux-image-{architecture}"
    lines = _output(["apt-cache", "depends", "--important", meta]).splitlines()
    return next(line.split()[-1] for line in lines if "Depends: linux-image" in line)


def library_packages(package: str) -> list[str]:
    """Every library package that `package` needs, itself left out."""
    kinds = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
    command = ["apt-cache", "depends", "--recurse", *(f"--no-{kind}" for kind in kinds), package]
    names = [line for line in _output(command).splitlines() if line[:1].isalnum()]
    return [name for name in names if name.startswith("lib") and not name.endswith("-perl")]


def unpack(packages: list[str], downloads: Path, target: Path) -> None:
    """Download `packages` into the folder `downloads` and unpack them over each other into `target`."""
    downloads.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", *_APT, "-qq", "download", *packages], cwd=downloads, check=True)
    for archive in sorted(downloads.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", str(archive), str(target)], check=True)


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
