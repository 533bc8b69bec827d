"""Another host, and a person whose agent has its key."""

from collections.abc import Iterator

import pytest

from tests.cli.shell import Shell
from tests.fixtures.sshd import Sshd


@pytest.fixture
def other() -> Iterator[Sshd]:
    """An sshd with a home of its own."""
    made = Sshd()
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def person(other: Sshd, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell whose agent has the key of the other host; the test's own process has it, too."""
    monkeypatch.setenv("SSH_AUTH_SOCK", str(other.agent))
    shell = Shell()
    shell.environment["SSH_AUTH_SOCK"] = str(other.agent)
    yield shell
    shell.before = ()
    shell.close()
