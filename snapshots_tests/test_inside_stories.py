"""Inside a guest: its console."""

from collections.abc import Callable

import pytest

from clonebox_tui.model.rpc import Chunk
from snapshots_tests.stories import DARK, LIGHT, SMALL, WIDE, cockpit, story
from tests.tui.fake_wire import FakeWire

Compare = Callable[..., bool]

SIZES = pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
CONSOLE = (
    "Debian GNU/Linux 12 build ttyS0\r\n\r\nbuild login: root\r\n"
    "root@build:~# \x1b[0mls --color\r\n\x1b[1;34mbin\x1b[0m  \x1b[1;32mrun.sh\x1b[0m  "
    "notes.txt  \x1b[1;36mlink\x1b[0m\r\n"
    "root@build:~# systemctl is-active nginx\r\n\x1b[31minactive\x1b[0m\r\n"
    "root@build:~# \x1b[7m reversed \x1b[0m \x1b[4munderlined\x1b[0m 测试 "
).encode()


@SIZES
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_console(snap_compare: Compare, theme: str, size: tuple[int, int]) -> None:
    wire = FakeWire()
    wire.replies["console.open"] = (Chunk(1, 1, stdout=CONSOLE),)
    assert snap_compare(cockpit(wire, theme), terminal_size=size, run_before=story(wire, "c", ".", "."))
