"""A worker of which the n-th write or fsync fails, and those of its programs, by a preloaded library."""

import contextlib
import mmap
import os
import shutil
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.site import Site, environment

KINDS = ("file-write", "file-fsync", "store-write", "store-fsync")
"""Of the files a job makes, and of the store with its journal. As in failing_writes.c."""

_SOURCE = Path(__file__).with_name("failing_writes.c")
_HEAD = struct.Struct("=5I")  # armed, kind, number, lasting, struck
_COUNTS = struct.Struct(f"={len(KINDS)}I")
_PROGRAMS = ("qemu-img",)


@dataclass
class FailingSite(Site):
    """A site whose failpoints are `fail KIND NUMBER` and `fail-on KIND NUMBER`, with these kinds."""

    struck: int = field(default=0)
    """How often a call was made to fail in the last attempt."""

    def install(self) -> None:
        """Compile the library and put it before the worker and its programs."""
        self._tools.mkdir()
        compiler = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(_SOURCE), "-ldl"]
        subprocess.run(compiler, check=True)
        self._control.write_bytes(bytes(mmap.PAGESIZE))
        self._wrap("python", sys.executable)
        for name in _PROGRAMS:
            self._wrap(name, str(shutil.which(name)))

    @contextlib.contextmanager
    def prepared(self, failpoint: str) -> Iterator[None]:
        """The worker's interpreter and its programs are those with the library."""
        del failpoint
        python, sys.executable = sys.executable, str(self._tools / "python")
        try:
            with environment({"PATH": f"{self._tools}:{os.environ['PATH']}"}):
                yield
        finally:
            sys.executable = python

    @contextlib.contextmanager
    def armed(self, failpoint: str) -> Iterator[None]:
        """Calls are counted, and the one that is asked for fails."""
        action, kind, number = (failpoint or f"fail {KINDS[0]} 0").split()
        with self._shared() as shared:
            shared[: _HEAD.size + _COUNTS.size] = bytes(_HEAD.size + _COUNTS.size)
            _HEAD.pack_into(shared, 0, 1, KINDS.index(kind), int(number), action == "fail-on", 0)
            try:
                yield
            finally:
                shared[:4] = bytes(4)
                self.struck = _HEAD.unpack_from(shared)[4]

    def counted(self) -> Counter[str]:
        """How many there were of each kind."""
        with self._shared() as shared:
            counts = _COUNTS.unpack_from(shared, _HEAD.size)
        return Counter({f"{kind} any": count for kind, count in zip(KINDS, counts, strict=True)})

    @property
    def _tools(self) -> Path:
        return self.world / "tools"

    @property
    def _library(self) -> Path:
        return self._tools / "failing_writes.so"

    @property
    def _control(self) -> Path:
        return self._tools / "control"

    @contextlib.contextmanager
    def _shared(self) -> Iterator[mmap.mmap]:
        with self._control.open("r+b") as file, mmap.mmap(file.fileno(), 0) as shared:
            yield shared

    def _wrap(self, name: str, program: str) -> None:
        """A program of that name that starts the real one with the library."""
        files = ":".join(f"{folder}/" for folder in self.folders)
        line = (
            f"LD_PRELOAD={self._library} FAILING_WRITES_CONTROL={self._control} "
            f"FAILING_WRITES_FILES={files} FAILING_WRITES_STORE={self.where.database} "
            f'exec {program} "$@"\n'
        )
        wrapper = self._tools / name
        wrapper.write_text(f"#!/bin/sh\n{line}")
        wrapper.chmod(0o755)
