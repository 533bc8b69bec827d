"""A guest's tar stream cannot write beside the folder it is unpacked into."""

import io
import tarfile
from pathlib import Path

import pytest

from clonebox_tui.engine.copying.unpacking import unpack
from clonebox_tui.model.problem import Code, ProblemError


def _archive(*members: tuple[str, bytes, str]) -> io.BytesIO:
    """Members as name, type and link's target; files hold three bytes."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, kind, target in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mode = kind, target, 0o6777
            member.size = 3 if kind == tarfile.REGTYPE else 0
            archive.addfile(member, io.BytesIO(b"abc"))
    stream.seek(0)
    return stream


@pytest.mark.parametrize(
    "members",
    [
        [("../out", tarfile.REGTYPE, "")],
        [("/etc/out", tarfile.REGTYPE, "")],
        [("a/../../out", tarfile.REGTYPE, "")],
        [("in", tarfile.SYMTYPE, "."), ("in/out", tarfile.REGTYPE, "")],
        [("hard", tarfile.LNKTYPE, "../secret")],
        [("twice", tarfile.REGTYPE, ""), ("twice", tarfile.REGTYPE, "")],
        [("file", tarfile.REGTYPE, ""), ("file", tarfile.DIRTYPE, "")],
    ],
)
def test_what_would_lie_elsewhere_ends_it(tmp_path: Path, members: list[tuple[str, bytes, str]]) -> None:
    (tmp_path / "secret").write_text("mine")
    with pytest.raises(ProblemError) as raised:
        unpack(_archive(*members), tmp_path / "copy")
    assert raised.value.problem.code is Code.GUEST_ERROR
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "secret"]
    assert (tmp_path / "secret").read_text() == "mine"


def test_the_rest_is_unpacked_without_what_leads_out(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    left_out = unpack(
        _archive(
            ("folder", tarfile.DIRTYPE, ""),
            ("folder/file", tarfile.REGTYPE, ""),
            ("folder/link", tarfile.SYMTYPE, "../folder/file"),
            ("hard", tarfile.LNKTYPE, "folder/file"),
            ("up", tarfile.SYMTYPE, "../secret"),
            ("root", tarfile.SYMTYPE, "/etc/passwd"),
            ("device", tarfile.CHRTYPE, ""),
            ("pipe", tarfile.FIFOTYPE, ""),
        ),
        copy,
    )
    assert left_out == ["up", "root", "device", "pipe"]
    assert sorted(str(path.relative_to(copy)) for path in copy.rglob("*")) == [
        "folder",
        "folder/file",
        "folder/link",
        "hard",
    ]
    assert (copy / "hard").read_bytes() == b"abc"
    # No set-user-id, and nobody else may write.
    assert (copy / "folder/file").stat().st_mode & 0o7777 == 0o755
