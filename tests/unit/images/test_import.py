"""Importing an image keeps it only when it is whole, verified and rests on nothing else."""

import asyncio
import hashlib
import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from clonebox_tui.engine.images.importing import import_image, name_of
from clonebox_tui.engine.images.store import ImageStore, references_of
from clonebox_tui.model.problem import Code, ProblemError

Progress = list[tuple[str, float, float | None, str]]


def _qcow2(path: Path, *options: str) -> Path:
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *options, str(path), "8M"], check=True)
    return path


def _raw(path: Path) -> Path:
    path.write_bytes(b"\0" * 510 + b"\x55\xaa" + b"x" * (1 << 20))
    return path


def _stat(path: str) -> os.stat_result:
    return Path(path).stat()


def _head(path: str) -> bytes:
    return Path(path).read_bytes()[:4]


def _leftovers(store: Path) -> list[str]:
    return sorted(path.name for path in store.glob("*")) + sorted(path.name for path in store.glob(".*"))


async def _refused(source: str, store: Path, sha512: str = "", name: str = "") -> Code:
    with pytest.raises(ProblemError) as caught:
        await import_image(source, store, lambda *_: None, sha512=sha512, name=name)
    assert caught.value.problem.next
    return caught.value.problem.code


async def test_a_file_becomes_a_read_only_image(tmp_path: Path) -> None:
    given, store, seen = _qcow2(tmp_path / "My Image.qcow2"), tmp_path / "store", Progress()
    digest = hashlib.sha512(given.read_bytes()).hexdigest()
    made = await import_image(str(given), store, lambda *a: seen.append(a), sha512=digest.upper())
    (image,) = ImageStore(store).list()
    assert (image.name, image.kind, image.bootable) == ("my-image", "imported", "disk")
    assert image.virtual_size_bytes == 8 << 20
    assert made.sha512 == digest
    assert not _stat(image.path).st_mode & 0o222
    size_bytes = float(_stat(str(given)).st_size)
    assert seen[-1] == ("fetch", size_bytes, size_bytes, "bytes")
    assert _leftovers(store) == ["my-image"]
    assert await _refused(str(given), store) is Code.NAME_TAKEN


async def test_a_raw_disk_is_converted(tmp_path: Path) -> None:
    await import_image(str(_raw(tmp_path / "disk.img")), tmp_path / "store", lambda *_: None, name="raw")
    image = ImageStore(tmp_path / "store").find("raw")
    assert _head(image.path) == b"QFI\xfb"
    assert ImageStore(tmp_path / "store").kernel_boot("raw") is None


async def test_what_is_refused_leaves_nothing(tmp_path: Path) -> None:
    store, good = tmp_path / "store", _qcow2(tmp_path / "good.qcow2")
    text = tmp_path / "text.qcow2"
    text.write_text("no disk")
    backed = _qcow2(tmp_path / "backed.qcow2", "-b", str(good), "-F", "qcow2")
    outside = _qcow2(tmp_path / "outside.qcow2", "-o", f"data_file={tmp_path / 'data'}")
    assert await _refused(str(good), store, sha512="0" * 128) is Code.CHECKSUM_MISMATCH
    assert await _refused(str(good), store, sha512="abc") is Code.USAGE
    assert await _refused(str(good), store, name="../up") is Code.NAME_INVALID
    for bad in (text, backed, outside):
        assert await _refused(str(bad), store) is Code.IMAGE_INVALID
    assert await _refused(str(tmp_path / "absent"), store) is Code.FILE_NOT_FOUND
    assert await _refused("ftp://example.org/x.img", store) is Code.USAGE
    assert await _refused("http://127.0.0.1:9/x.img", store) is Code.DOWNLOAD_FAILED
    assert _leftovers(store) == []


@pytest.fixture
def slow_server(tmp_path: Path) -> Iterator[tuple[str, threading.Event]]:
    """An HTTP server that stops half way until the event is set."""
    go_on, data = threading.Event(), _qcow2(tmp_path / "served.qcow2").read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data) + (4 << 20)))
            self.end_headers()
            self.wfile.write(data + b"\0" * (2 << 20))
            go_on.wait(20)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://user:pw@127.0.0.1:{server.server_port}/a%20b.qcow2?token=1", go_on
    go_on.set()
    server.shutdown()


async def test_a_cancelled_download_leaves_nothing(
    tmp_path: Path, slow_server: tuple[str, threading.Event]
) -> None:
    address, go_on = slow_server
    begun = asyncio.Event()
    address = address.replace("user:pw@", "")
    task = asyncio.create_task(import_image(address, tmp_path / "store", lambda *_: begun.set()))
    await asyncio.wait_for(begun.wait(), 20)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _leftovers(tmp_path / "store") == []


async def test_a_download_cut_short_is_named(
    tmp_path: Path, slow_server: tuple[str, threading.Event]
) -> None:
    address, go_on = slow_server
    go_on.set()
    code = await _refused(address.replace("user:pw@", ""), tmp_path / "store")
    assert code is Code.DOWNLOAD_FAILED


def test_names_come_from_the_file() -> None:
    assert name_of("https://h/a/Debian%2012 Generic.qcow2?x=1") == "debian-12-generic"
    assert name_of("/x/y.raw") == "y"


async def test_removing_asks_who_needs_it(tmp_path: Path) -> None:
    store = ImageStore(tmp_path / "store")
    await import_image(str(_qcow2(tmp_path / "base.qcow2")), store.folder, lambda *_: None)
    path = store.find("ba").path
    assert store.list({path: ("web",)})[0].used_by == ("web",)
    with pytest.raises(ProblemError) as caught:
        store.remove("base", references_of([path]))
    assert caught.value.problem.code is Code.IMAGE_IN_USE
    assert store.remove("base", {"/elsewhere/disk.qcow2": ("other",)}).name == "base"
    assert _leftovers(store.folder) == []
    with pytest.raises(ProblemError) as caught:
        store.find("base")
    assert caught.value.problem.code is Code.IMAGE_NOT_FOUND
