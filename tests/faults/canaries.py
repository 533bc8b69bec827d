"""Forty secrets, planted where people keep such things, and how to find any of them in any coding."""

import base64
import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

CONFIG = (
    "vm.password", "vm.auth.password", "environment value", "environment address", "vault token",
    "secret provider", "container variable", "health check header", "command that works",
    "command that fails", "complaint of a command", "here-document", "comment", "web service", "copied path",
)  # fmt: skip
PROJECT = (".env", ".env unused", ".clonebox.env", "git remote", ".git-credentials", ".npmrc")
HOME = ("id_rsa", "id_ed25519", ".netrc", ".aws", ".pgpass", ".docker", "gh token")
VARIABLES = ("AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "GITHUB_TOKEN", "CLONEBOX_TEST_SECRET", "http_proxy")
SPOKEN = (
    "exec argument", "exec input", "exec output", "exec complaint", "exec in the cockpit",
    "import password", "import query", "import fragment", "connection password", "malformed request",
)  # fmt: skip
ALL = (*CONFIG, *PROJECT, *HOME, *VARIABLES, *SPOKEN)

_LENGTH = 15
"""A multiple of three: base64 of the whole token depends on nothing after it."""


class Canaries:
    """`canaries[NAME]` is its text: the run's token and a number. What is not ours has no such token."""

    def __init__(self) -> None:
        self.token = ("cny" + os.urandom(8).hex())[:_LENGTH]

    def __getitem__(self, name: str) -> str:
        return f"{self.token}{ALL.index(name):03}end"

    def found_in(self, *contents: str | bytes) -> list[str]:
        """Names of the canaries in there, as they are or in base64, whatever stands before them."""
        parts = (each.encode("utf-8", "replace") if isinstance(each, str) else each for each in contents)
        whole = b"\n".join(parts)
        if not any(form in whole for form in _forms(self.token)):
            return []
        return [name for name in ALL if any(form in whole for form in _forms(self[name]))]


def _forms(value: str) -> Iterator[bytes]:
    plain = value.encode()
    yield plain
    for shift in range(3):
        coded = base64.b64encode(b"x" * shift + plain)
        # Of the first and the last group a part belongs to the neighbours.
        yield coded[4:-4] if shift else coded


class ProcessWatch:
    """Looks at every command line of this host again and again while it is entered."""

    def __init__(self, canaries: Canaries, *but: int) -> None:
        self._canaries = canaries
        self._but = {str(pid) for pid in but}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.looks = 0
        self.seen: set[str] = set()

    def __enter__(self) -> "ProcessWatch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.looks += 1
            for process in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    line = (process / "cmdline").read_bytes()
                    if process.name not in self._but and self._canaries.found_in(line):
                        self.seen.add(line.decode(errors="replace"))


def plant_config(folder: Path, canaries: Canaries, name: str) -> None:
    """A project file that holds all that such a file can hold."""
    text = f"""version: '2'  # {canaries["comment"]}
vm:
  name: {name}
  vcpus: 1
  ram_mb: 256
  disk_size_gb: 1
  username: ${{GUEST_USER}}
  uid: 1000
  base_image: micro
  password: {canaries["vm.password"]}
  auth: {{method: password, password: {{provider: env, key: {canaries["vm.auth.password"]}}}}}
environment:
  TOKEN: {canaries["environment value"]}
  DATABASE_URL: postgres://me:{canaries["environment address"]}@db/x
secrets:
  provider: {canaries["secret provider"]}
  vault: {{addr: "https://vault", token: {canaries["vault token"]}}}
container: {{env: {{KEY: {canaries["container variable"]}}}}}
health_checks:
  - {{name: web, type: http, headers: {{Authorization: "Bearer {canaries["health check header"]}"}}}}
web_services:
  - {{name: api, exec: "serve --token {canaries["web service"]}"}}
copy_paths: {{/nowhere/{canaries["copied path"]}: /x}}
post_commands:
  - echo {canaries["command that works"]} >/run/worked
  - |
    cat >/run/here <<END
    {canaries["here-document"]}
    END
  - echo {canaries["command that fails"]}; echo {canaries["complaint of a command"]} >&2; exit 3
"""
    (folder / ".clonebox.yaml").write_text(text)


def plant_files(project: Path, home: Path, canaries: Canaries) -> None:
    """Keys, tokens and passwords where programs keep them."""
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n"
    texts = {
        project / ".env": f"TOKEN={canaries['.env']}\nUNUSED={canaries['.env unused']}\n",
        project / ".clonebox.env": f"GUEST_USER=dev\nKEY={canaries['.clonebox.env']}\n",
        project / ".git/config": (
            f'[remote "origin"]\n\turl = https://me:{canaries["git remote"]}@git.example/x.git\n'
        ),
        project / ".git/HEAD": "ref: refs/heads/main\n",
        project / ".git-credentials": f"https://me:{canaries['.git-credentials']}@git.example\n",
        project / ".npmrc": f"//registry/:_authToken={canaries['.npmrc']}\n",
        home / ".ssh/id_rsa": key.format(canaries["id_rsa"]),
        home / ".ssh/id_ed25519": key.format(canaries["id_ed25519"]),
        home / ".netrc": f"machine example login me password {canaries['.netrc']}\n",
        home / ".aws/credentials": f"[default]\naws_secret_access_key = {canaries['.aws']}\n",
        home / ".pgpass": f"db:5432:x:me:{canaries['.pgpass']}\n",
        home / ".docker/config.json": f'{{"auths": {{"x": {{"auth": "{canaries[".docker"]}"}}}}}}\n',
        home / ".config/gh/hosts.yml": f"github.com: {{oauth_token: {canaries['gh token']}}}\n",
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)


def variables(canaries: Canaries) -> dict[str, str]:
    """The environment of the front ends; what begins with CLONEBOX_, and the proxy, reach the worker too."""
    return {
        **{name: canaries[name] for name in VARIABLES},
        "DATABASE_URL": f"postgres://me:{canaries['DATABASE_URL']}@db/x",
        "http_proxy": f"http://me:{canaries['http_proxy']}@127.0.0.1:1",
    }


def contents(folder: Path, *but: Path) -> Iterator[bytes]:
    """What the files below `folder` hold, but for these and what lies below them; their names too."""
    for path in folder.rglob("*"):
        if not any(path.is_relative_to(each) for each in but):
            yield os.fsencode(path)
            if path.is_file():
                with contextlib.suppress(OSError):
                    yield path.read_bytes()
