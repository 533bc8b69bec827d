"""Copies into and out of a running guest, each with the world it begins in; the guest stays up meanwhile."""

import base64
import hashlib
import json
import os
import shutil
import time
from pathlib import Path

import libvirt
import libvirt_qemu

from clonebox_tui.model.acts import CopyFromGuest, CopyToGuest, RestorePath
from clonebox_tui.model.machine import machine_id
from tests.faults.sweep import Subject
from tests.guests.fixtures import MicroMachine

_AGENT_SECONDS = 60
_LIST = r"""cd /tmp/there
find . | grep -v '^\./\.[^/]*\.part$' | sort
find . -type f ! -name '.*.part' -exec md5sum {} + | sort -k 2
find . -maxdepth 1 -type d -name '.*.part'
ls -d /run/clonebox-* 2>/dev/null
:"""
_SOURCES = r"""mkdir -p /tmp/from/deep; cd /tmp/from
dd if=/dev/urandom of=big bs=64k count=24 2>/dev/null; echo some >deep/some; ln -s some deep/link"""
_BEFORE = "rm -rf /tmp/there/[!.]*; mkdir -p /tmp/there; echo old >/tmp/there/target"
"""Half copies of files stay: the next try goes on with them."""


class Hands:
    """`here` is this host's side, /tmp/there the guest's; a file of the same name lies there already."""

    def __init__(self, machine: MicroMachine, here: Path) -> None:
        self._domain = machine.domain
        self._machine = machine_id(machine.uri, machine.uuid)
        self._source = here / "source"
        self._here = here / "here"
        (self._source / "deep").mkdir(parents=True)
        (self._source / "big").write_bytes(os.urandom(1_500_000))
        (self._source / "deep" / "some").write_text("some")
        self._guest(_SOURCES)

    def inventory(self) -> list[str]:
        """Files on both sides, and what streams left in the guest; without half copies of files."""
        here = [
            f"{path} {hashlib.md5(path.read_bytes()).hexdigest() if path.is_file() else ''}"  # noqa: S324
            for path in self._here.rglob("*")
            if path.is_dir() or path.suffix != ".part"
        ]
        return [*here, *(f"guest {line}" for line in self._guest(_LIST).splitlines())]

    # -- acts ----------------------------------------------------------------------------------------

    def fetch_file(self) -> Subject:
        return self._subject("fetch", CopyFromGuest(self._machine, "/tmp/from/big", str(self._target)))

    def fetch_folder(self) -> Subject:
        act = CopyFromGuest(self._machine, "/tmp/from", str(self._here / "folder"))
        return self._subject("fetch folder", act)

    def bring_file(self) -> Subject:
        return self._subject("bring", CopyToGuest(self._machine, str(self._source / "big"), _TARGET))

    def bring_folder(self) -> Subject:
        act = CopyToGuest(self._machine, str(self._source), "/tmp/there/folder")
        return self._subject("bring folder", act)

    def get_into_guest(self) -> Subject:
        """Out of a snapshot of the machine into the machine itself, in the place of what is there."""
        self._guest("sync")
        self._domain.snapshotCreateXML("<domainsnapshot><name>first</name></domainsnapshot>", 0)
        act = RestorePath(self._machine, "first", "/lost+found", _TARGET, into=self._machine)
        return self._subject("get into the guest", act)

    def _subject(self, name: str, act: CopyFromGuest | CopyToGuest | RestorePath) -> Subject:
        async def prepare() -> None:
            self._guest(_BEFORE)
            shutil.rmtree(self._here / "folder", ignore_errors=True)
            self._here.mkdir(exist_ok=True)
            self._target.write_text("old")

        return Subject(name, act, prepare)

    @property
    def _target(self) -> Path:
        return self._here / "target"

    def _guest(self, script: str) -> str:
        return in_guest(self._domain, script)


def in_guest(domain: libvirt.virDomain, script: str) -> str:
    """What a script in the guest said, asked past the worker."""
    words = {"path": "/bin/sh", "arg": ["-c", script], "capture-output": True}
    pid = _ask(domain, "guest-exec", words)["pid"]
    deadline = time.monotonic() + _AGENT_SECONDS
    while not (ended := _ask(domain, "guest-exec-status", {"pid": pid}))["exited"]:
        assert time.monotonic() < deadline, script
        time.sleep(0.02)
    assert ended["exitcode"] == 0, ended
    return base64.b64decode(str(ended.get("out-data", ""))).decode()


def _ask(domain: libvirt.virDomain, command: str, words: dict[str, object]) -> dict[str, object]:
    line = json.dumps({"execute": command, "arguments": words})
    answer: dict[str, object] = json.loads(libvirt_qemu.qemuAgentCommand(domain, line, _AGENT_SECONDS, 0))[
        "return"
    ]
    return answer


_TARGET = "/tmp/there/target"
