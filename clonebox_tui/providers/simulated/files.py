"""What lies on the disk of a simulated machine before anybody changes it."""

import json

from clonebox_tui.model.spec import MachineSpec

_RELEASE = (
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n'
    'VERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\n'
)

_PERSONA_FILES = {
    "web": {"/etc/nginx/nginx.conf": "worker_processes auto;\n", "/srv/www/index.html": "<h1>hello</h1>\n"},
    "db": {"/etc/postgresql/15/main/postgresql.conf": "shared_buffers = 128MB\n"},
    "build": {"/srv/build/Makefile": "all:\n\techo built\n"},
}

_FOLDERS = "/ /root /home /tmp /etc /var /var/tmp /var/log /srv /usr /run /mnt /opt"


def first_files(name: str, persona: str, spec: MachineSpec | None) -> dict[str, bytes]:
    """Files by absolute path; folders are kept as paths that end with a slash."""
    user = (spec.user if spec else "") or "dev"
    uid = spec.uid if spec else 1000
    text = {
        "/etc/hostname": f"{name}\n",
        "/etc/os-release": _RELEASE,
        "/etc/debian_version": "12.11\n",
        "/etc/machine-id": f"{abs(hash_of(name)):032x}\n",
        "/etc/passwd": f"root:x:0:0:root:/root:/bin/bash\n{user}:x:{uid}:{uid}::/home/{user}:/bin/bash\n",
        "/run/cloud-init/result.json": json.dumps({"v1": {"datasource": "DataSourceNoCloud", "errors": []}}),
        "/var/log/cloud-init-output.log": "Cloud-init v. 22.4.2 finished. Datasource DataSourceNoCloud.\n",
        **_PERSONA_FILES.get(persona, {}),
    }
    folders = {folder.rstrip("/") + "/": b"" for folder in (*_FOLDERS.split(), f"/home/{user}")}
    shares = {share.guest.rstrip("/") + "/": b"" for share in (spec.shares if spec else ())}
    return {**folders, **shares, **{path: content.encode() for path, content in text.items()}}


def hash_of(text: str) -> int:
    """A number that stands for a text, the same in every process."""
    value = 0
    for character in text:
        value = (value * 1_000_003 + ord(character)) % 2**127
    return value


def is_folder(files: dict[str, bytes], path: str) -> bool:
    """Whether the path is a folder: kept as one, or above a file."""
    below = path.rstrip("/") + "/"
    return below in files or any(each.startswith(below) for each in files)


def absolute(path: str, folder: str) -> str:
    """A path made absolute and free of `.` and `..`."""
    parts: list[str] = []
    for part in (path if path.startswith("/") else f"{folder}/{path}").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)
