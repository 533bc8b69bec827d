"""A worker holds nothing of the program that happened to start it: no pipe of a script stays open."""

import os
import select
import subprocess
import sys


def test_a_callers_pipe_ends_when_the_front_end_has_left() -> None:
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "clonebox_tui", "--demo"]
    subprocess.run([*command, "list"], pass_fds=(writing,), capture_output=True, check=True, timeout=120)
    os.close(writing)
    try:
        ended, _, _ = select.select([reading], [], [], 60)
        assert ended, "the worker still holds the pipe"
        assert os.read(reading, 1) == b""
    finally:
        os.close(reading)
        subprocess.run([*command, "worker", "stop"], capture_output=True, check=True, timeout=120)
