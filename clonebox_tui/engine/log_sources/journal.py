"""The guest's journal, asked again and again by its cursor: neither a reboot nor a lost agent loses lines."""

from collections.abc import Callable, Iterable

import msgspec

from clonebox_tui.engine.log_sources.moments import stamp
from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.problem import Code, problem

_ENTRIES = 400
"""In one answer: journalctl leaves fields of more than 4 096 bytes out, so it stays below libvirt's 4 MB."""

_FIELDS = "--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_COMM,_PID"
_AGENT, _ASKED = "qemu-ga", "info: guest-"
"""How the agent notes each thing it is asked. Our own looks at the journal would soon be all of it."""
_LOOKED_THROUGH = 20_000
_ASK = f"""command -v journalctl >/dev/null || exit 127
if [ -n "$2" ]; then journalctl -q --no-pager -o json "$3" --after-cursor="$2" | head -n "$1"
else journalctl -q --no-pager -o json "$3" -r -n {_LOOKED_THROUGH} |
  sed '/"SYSLOG_IDENTIFIER":"{_AGENT}"/{{/"MESSAGE":"{_ASKED}/d;}}' | head -n "$1"; fi"""
"""$1: how many, $2: after which cursor (empty: the last ones, newest first), $3: which fields."""

_NO_PROGRAM = 127
_LEVELS = {"0": "emerg", "1": "alert", "2": "crit", "3": "err", "4": "warning", "7": "debug"}


class _Entry(msgspec.Struct, frozen=True):
    cursor: str = msgspec.field(name="__CURSOR")
    microseconds: str = msgspec.field(name="__REALTIME_TIMESTAMP")
    message: object = msgspec.field(name="MESSAGE", default="")
    priority: str = msgspec.field(name="PRIORITY", default="")
    identifier: str = msgspec.field(name="SYSLOG_IDENTIFIER", default="")
    program: str = msgspec.field(name="_COMM", default="")
    process: str = msgspec.field(name="_PID", default="")


class JournalLog:
    """A place in the journal of one guest."""

    def __init__(self, agent: Agent, clock: Callable[[], float], source: str) -> None:
        self._agent = agent
        self._clock = clock
        self._source = source
        self._cursor = ""
        self.behind = False
        self.ended = False
        self.changed_at: float | None = None

    async def close(self) -> None:
        """Nothing is held."""

    async def tail(self, lines: int, partial: bool) -> list[LogLine]:
        """The last entries, at most `_ENTRIES`; LOG_NOT_FOUND where there is no journalctl."""
        del partial
        if not await self._agent.carries_streams():
            raise _absent("the agent of this machine runs no programs of a real guest")
        found = self._lines(await self._ask(max(1, min(lines, _ENTRIES))))
        return found[-lines:] if lines else []

    async def more(self) -> list[LogLine]:
        """The entries after the last one."""
        entries = await self._ask(_ENTRIES)
        self.behind = len(entries) == _ENTRIES
        return self._lines(entries)

    async def _ask(self, count: int) -> list[bytes]:
        """Entries, oldest first."""
        asked = ["sh", "-c", _ASK, "sh", str(count), self._cursor, _FIELDS]
        said = await execution.run(self._agent, asked)
        if said.exit_code == _NO_PROGRAM:
            raise _absent("there is no journalctl in it")
        entries = said.stdout.splitlines()
        return entries if self._cursor else entries[::-1]

    def _lines(self, entries: Iterable[bytes]) -> list[LogLine]:
        return [line for entry in entries if (line := self._line(entry)) is not None]

    def _line(self, entry: bytes) -> LogLine | None:
        try:
            found = msgspec.json.decode(entry, type=_Entry)
            moment = int(found.microseconds) / 1e6
        except (msgspec.DecodeError, ValueError):
            return None  # a guest may print whatever it likes
        self._cursor = found.cursor
        message = _text(found.message)
        if found.identifier == _AGENT and message.startswith(_ASKED):
            return None
        who = f"{found.identifier or found.program or '?'}{f'[{found.process}]' if found.process else ''}"
        level = f" {_LEVELS[found.priority]}" if found.priority in _LEVELS else ""
        return LogLine(moment, clean_text(f"{stamp(moment)} {who}{level}: {message}"), self._source)


def _text(message: object) -> str:
    """A message as it is: text, or, where it is not UTF-8, its bytes as numbers."""
    if isinstance(message, list) and all(isinstance(each, int) and 0 <= each < 256 for each in message):
        return bytes(message).decode("utf-8", "replace")
    return message if isinstance(message, str) else "(too long to be shown)"


def _absent(why: str) -> Exception:
    return problem(
        Code.LOG_NOT_FOUND,
        "The guest's journal cannot be read.",
        why=why,
        next="Read a file of it: `--source file:/var/log/syslog`.",
    )
