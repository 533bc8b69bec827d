"""Nothing that is sent to the worker ends more than its own connection, and every fault is answered."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clonebox_tui import __version__
from clonebox_tui.client.spawn import Approach
from clonebox_tui.model.places import Places
from clonebox_tui.model.rpc import MAX_LINE_BYTES, METHODS
from tests.worker.conftest import SIMULATED

_HELLO = {"jsonrpc": "2.0", "id": 1, "method": "worker.hello", "params": {"version": __version__}}


class Raw:
    """A front end without manners."""

    def __init__(self, where: Places) -> None:
        self.socket = Approach(where, ("--demo", "--connect", SIMULATED)).finish()
        self.socket.settimeout(60)
        self._file = self.socket.makefile("rb")

    def send(self, *documents: Any) -> None:
        self.socket.sendall(b"".join(json.dumps(each).encode() + b"\n" for each in documents))

    def answer(self, to: object) -> Any:
        """The next answer with this id; what else comes is passed over."""
        while line := self._file.readline():
            document = json.loads(line)
            if "method" not in document and document.get("id") == to:
                return document
        return None

    def ask(self, *documents: Any) -> Any:
        self.send(*documents)
        return self.answer(documents[-1]["id"])

    def close(self) -> None:
        self._file.close()
        self.socket.close()


def _request(method: str, number: object = 7, **params: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def _flood(raw: Raw, data: bytes, times: int) -> None:
    for _ in range(times):
        raw.socket.sendall(data)


@pytest.fixture
def raw(where: Places) -> Iterator[Raw]:
    connection = Raw(where)
    yield connection
    connection.close()


def test_the_worker_describes_all_its_methods(raw: Raw) -> None:
    described = json.loads(raw.ask(_HELLO, _request("worker.describe"))["result"]["text"])
    assert [each["name"] for each in described["methods"]] == [method.name for method in METHODS]
    assert described["openrpc"].startswith("1.")
    assert "Machine" in described["components"]["schemas"]


@pytest.mark.parametrize(
    ("sent", "number", "code"),
    [
        (b"{", None, -32700),
        (b"[]", None, -32600),
        (b'{"jsonrpc": "1.0", "id": 3, "method": "worker.status"}', None, -32600),
        (b'{"jsonrpc": "2.0", "id": 3}', 3, -32600),
        (b'{"jsonrpc": "2.0", "id": 3, "method": "no.such"}', 3, -32601),
        (b'{"jsonrpc": "2.0", "id": 3, "method": "machine.show", "params": {}}', 3, -32602),
        (b'{"jsonrpc": "2.0", "id": "x", "method": "machine.show", "params": {"machine": 5}}', "x", -32602),
        (b'{"jsonrpc": "2.0", "id": 3, "method": "machine.show", "params": {"machine": "a/b"}}', 3, -32000),
        (b'{"params": ' + b'{"a": ' * 50_000 + b"1" + b"}" * 50_000 + b"}", None, -32600),
    ],
)
def test_a_fault_is_answered_and_the_connection_lives_on(
    raw: Raw, sent: bytes, number: object, code: int
) -> None:
    raw.ask(_HELLO)
    raw.socket.sendall(sent + b"\n")
    error = raw.answer(number)["error"]
    assert error["code"] == code
    assert error["data"]["what"]
    assert raw.ask(_request("worker.status"))["result"]["clients"] == 1


def test_nothing_is_served_before_an_introduction(raw: Raw) -> None:
    assert "introduces" in raw.ask(_request("fleet.list"))["error"]["message"]
    assert "result" in raw.ask({**_HELLO, "id": 8}, _request("fleet.list"))


def test_whatever_is_sent_the_next_front_end_is_served(where: Places, raw: Raw) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.one_of(
                st.binary(max_size=200),
                st.recursive(
                    st.none()
                    | st.integers()
                    | st.text(max_size=5)
                    | st.sampled_from([m.name for m in METHODS]),
                    lambda inner: st.dictionaries(
                        st.sampled_from(["jsonrpc", "id", "method", "params", "machine", "stream"]), inner
                    ),
                    max_leaves=8,
                ).map(lambda value: json.dumps(value).encode()),
            ),
            max_size=5,
        )
    )
    def attempt(lines: list[bytes]) -> None:
        connection = Raw(where)
        connection.socket.sendall(b"\n".join(lines) + b"\n")
        assert "result" in connection.ask({**_HELLO, "id": 4711})
        connection.close()

    attempt()
    assert "result" in raw.ask(_HELLO)


def test_a_line_without_end_is_cut_off_and_nobody_else_suffers(where: Places, raw: Raw) -> None:
    raw.ask(_HELLO)
    with pytest.raises(OSError, match=r"Broken pipe|reset"):
        _flood(raw, b"x" * 65536, MAX_LINE_BYTES // 65536 + 2000)
    other = Raw(where)
    assert "result" in other.ask(_HELLO)
    other.close()


def test_who_does_not_read_is_dropped_and_nobody_else_waits(where: Places, raw: Raw) -> None:
    raw.ask(_HELLO)
    other = Raw(where)
    assert "result" in other.ask(_HELLO)
    with pytest.raises(OSError, match=r"Broken pipe|reset"):
        _flood(raw, json.dumps(_request("worker.describe")).encode() + b"\n", 4000)
    end = time.monotonic() + 60
    # Dropped is what the sender hears of first.
    while (status := other.ask(_request("worker.status"))["result"])["clients"] > 1:
        assert time.monotonic() < end, status
    assert status["rss_bytes"] < 200 * 1024 * 1024
    other.close()


def test_another_version_reads_and_changes_nothing(raw: Raw) -> None:
    welcome = raw.ask({**_HELLO, "params": {"version": "0.0.1"}})["result"]
    assert welcome["may_change"] is False
    machine = raw.ask(_request("fleet.list"))["result"]["machines"][0]["id"]
    refused = raw.ask(_request("act.run", act={"type": "machine.kill", "machine": machine}))["error"]
    assert refused["data"]["code"] == "version-mismatch"
    assert "worker restart" in refused["data"]["next"]


def test_another_protocol_is_told_and_not_served(raw: Raw) -> None:
    refused = raw.ask({**_HELLO, "params": {"version": "9", "protocol": 99}})["error"]
    assert refused["data"]["code"] == "version-mismatch"
    assert "error" in raw.ask(_request("fleet.list"))


async def test_a_slow_request_holds_up_no_other(where: Places) -> None:
    slow = f"{SIMULATED}&delay=5.0"
    connection = await asyncio.to_thread(lambda: Approach(where, ("--demo", "--connect", slow)).finish())
    reader, writer = await asyncio.open_connection(sock=connection)
    writer.write(json.dumps(_HELLO).encode() + b"\n")
    writer.write(json.dumps(_request("fleet.list", 2)).encode() + b"\n")
    writer.write(json.dumps(_request("worker.status", 3)).encode() + b"\n")
    order = [json.loads(await reader.readline())["id"] for _ in range(2)]
    assert order == [1, 3]
    writer.close()


def test_the_log_is_json_and_private(where: Places, raw: Raw) -> None:
    raw.ask(_HELLO)
    entries = [json.loads(line) for line in where.worker_log.read_text().splitlines()]
    assert entries[0]["message"] == "the worker listens"
    assert {"time", "level", "logger", "message"} <= entries[0].keys()
    assert Path(where.worker_log).stat().st_mode & 0o077 == 0


def test_a_peer_that_leaves_in_the_middle_is_no_failure(where: Places, raw: Raw) -> None:
    for _ in range(20):
        leaving = Raw(where)
        leaving.send(_HELLO, _request("fleet.list"), _request("worker.describe"))
        leaving.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        leaving.close()
    assert raw.ask(_HELLO, _request("worker.status"))["result"]["clients"] >= 1
    levels = [json.loads(line)["level"] for line in where.worker_log.read_text().splitlines()]
    assert "error" not in levels
