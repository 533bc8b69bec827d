"""`L` gives the terminal to ssh, and the cockpit comes back whole."""

import sys

import pytest

from clonebox_tui.tui.inside import ssh_line
from tests.cli.shell import Shell
from tests.e2e.terminal import Terminal
from tests.tui.fake_fleet import machine


@pytest.mark.skipif(sys.platform != "linux", reason="terminals of Linux")
def test_cockpit_comes_back() -> None:
    shell = Shell("--demo")
    try:
        with Terminal([*shell.program, "--demo"], shell.environment, 100, 30, cwd=shell.root) as cockpit:
            cockpit.wait_for("web-dev", 60)
            cockpit.press("L")
            # Why there is no login is readable, in the terminal as it was before.
            said = cockpit.wait_for("Enter goes back", 60)
            assert "has no SSH way in of ours" in said
            assert "Machines" not in said
            cockpit.press("enter")
            cockpit.wait_for("Machines", 60)
            cockpit.press("J")
            cockpit.wait_for("Jobs", 60)
    finally:
        shell.close()


def test_login_goes_where_the_worker_is() -> None:
    web = machine(1, "web")
    assert ssh_line(web, "")[-2:] == ["ssh", web.uuid]
    assert ssh_line(web, "me@far:2222")[3:] == ["--host", "ssh://me@far:2222", "ssh", web.uuid]
