"""Reads what a Git checkout says about itself from its files: branch and remote, credentials left out."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from clonebox_tui.engine.detect.files import small_text

_REMOTE = re.compile(r'^\s*\[remote "([^"]+)"\]\s*$')
_SECTION = re.compile(r"^\s*\[")
_URL = re.compile(r"^\s*url\s*=\s*(.+?)\s*$")


@dataclass(frozen=True)
class Checkout:
    """`branch` is the short commit id when no branch is checked out."""

    branch: str = ""
    remote: str = ""


def read_checkout(folder: Path) -> Checkout | None:
    """Facts of the checkout at `folder`, also of a worktree or submodule; None when it is none."""
    git = _git_folder(folder / ".git")
    if git is None:
        return None
    common = small_text(git / "commondir").strip()
    config = small_text((git / common if common else git) / "config")
    return Checkout(parse_head(small_text(git / "HEAD")), without_credentials(parse_remote(config)))


def parse_head(text: str) -> str:
    """The branch of a HEAD file, or the first twelve digits of its commit."""
    line = text.strip()
    if line.startswith("ref: "):
        return line.removeprefix("ref: ").removeprefix("refs/heads/")
    return line[:12] if re.fullmatch(r"[0-9a-f]{40,64}", line) else ""


def parse_remote(config: str) -> str:
    """The URL of `origin`, else of the first remote."""
    urls: dict[str, str] = {}
    remote = ""
    for line in config.splitlines():
        if match := _REMOTE.match(line):
            remote = match[1]
        elif _SECTION.match(line):
            remote = ""
        elif remote and (match := _URL.match(line)):
            urls.setdefault(remote, match[1].strip('"'))
    return urls.get("origin") or next(iter(urls.values()), "")


def without_credentials(url: str) -> str:
    """A remote's URL without user, password, token or query; `git@host:path` is no secret and stays."""
    if "://" not in url:
        return re.sub(r"^([^:@/]+):[^@/]*@", r"\1@", url)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    user = f"{parts.username}@" if parts.scheme.endswith("ssh") and parts.username else ""
    host = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{user}{host}{port}", parts.path, "", ""))


def _git_folder(place: Path) -> Path | None:
    """`.git` itself, or where a `.git` file points (gitrepository-layout(5))."""
    try:
        if place.is_dir():
            return place if (place / "HEAD").is_file() else None
    except OSError:
        return None
    text = small_text(place, 4096)
    if not text.startswith("gitdir:"):
        return None
    target = Path(os.path.normpath(place.parent / text.removeprefix("gitdir:").strip()))
    return target if (target / "HEAD").is_file() else None
