"""Shells with a worker of their own: a demo's, and one of libvirt's test driver."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell

_NODE = """<node>
  <cpu><mhz>2000</mhz><model>x86_64</model><active>2</active><nodes>1</nodes><sockets>1</sockets>
    <cores>2</cores><threads>1</threads></cpu>
  <memory>8000000</memory>
  {domains}
</node>"""
_DOMAIN = "<domain type='test'><name>{name}</name><memory>524288</memory><os><type>hvm</type></os></domain>"


@pytest.fixture(scope="module")
def demo() -> Iterator[Shell]:
    """A shell whose every command is `--demo`."""
    shell = Shell("--demo")
    yield shell
    shell.close()


@pytest.fixture(scope="module")
def plain() -> Iterator[Shell]:
    """A shell without options of its own."""
    shell = Shell()
    yield shell
    shell.close()


@pytest.fixture(scope="module")
def node(plain: Shell) -> str:
    """A connection of libvirt's test driver with the machines `one`, `two` and `test`, all running."""
    domains = "".join(_DOMAIN.format(name=name) for name in ("one", "two", "test"))
    path = plain.root / "node.xml"
    path.write_text(_NODE.format(domains=domains))
    return f"test://{path}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project without a file of ours."""
    (tmp_path / "requirements.txt").write_text("flask\n")
    return tmp_path
