"""A host that takes the call and never answers holds up nobody: what is here is listed, and it is named."""

import socket
from collections.abc import Iterator

import pytest

from clonebox_tui.model.problem import Exit
from tests.cli.shell import Shell


@pytest.fixture
def hung() -> Iterator[str]:
    """A connection to a port where somebody listens and says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        yield f"qemu+ssh://me@127.0.0.1:{listening.getsockname()[1]}/system"


def test_the_other_hosts_are_listed_while_one_hangs(hung: str) -> None:
    shell = Shell("--connect", "test:///default", "--connect", hung)
    try:
        said = shell("list")
        assert said.code == Exit.DONE
        assert "test:///default" in said.text
        assert f"{hung}: not connected" in said.errors
        absent = shell("show", "absent", "--json")
        assert (absent.code, absent.problem()["code"]) == (Exit.NOT_FOUND, "machine-not-found")
        assert f"{hung} could not be asked" in str(absent.problem()["why"])
    finally:
        shell.close()
