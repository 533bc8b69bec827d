"""How long the trash is kept: the setting, what it may not be, and entries that were cut short."""

from pathlib import Path

import pytest

from clonebox_tui.engine.trash import entries
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.trash import Definition, TrashedMachine


@pytest.mark.parametrize(("text", "days"), [(None, 7), ('theme = "light"\n', 7), ("trash_days = 0.5\n", 0.5)])
def test_the_setting(tmp_path: Path, text: str | None, days: float) -> None:
    file = tmp_path / "settings.toml"
    if text is not None:
        file.write_text(text)
    assert entries.days_kept(file) == days


@pytest.mark.parametrize("text", ["trash_days = 0", "trash_days = true", "trash_days = 'x'", "trash_days ="])
def test_what_is_no_number_of_days_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(ProblemError) as caught:
        entries.days_kept(file)
    assert caught.value.problem.code is Code.CONFIG_INVALID


def test_a_removal_that_was_cut_short_is_found_and_finished(tmp_path: Path) -> None:
    place = tmp_path / "trash" / "uuid"
    kept = entries.Entry(
        TrashedMachine("qemu:///x/uuid", "gone", 1.0, 2.0, moved=True), Definition("<domain/>")
    )
    entries.write(place, kept)
    (place / entries.FILES).mkdir()
    (place / entries.FILES / "disk.qcow2").touch()
    (place / entries.FILES / "id_ed25519").touch()
    (place / entries.FILES / "disk.qcow2").unlink()  # so far it came
    assert entries.read(place) == (place, kept)
    entries.discard(place)
    entries.discard(place)  # and once more
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_reads_an_entry(tmp_path: Path) -> None:
    place = tmp_path / "trash" / "uuid"
    entries.write(place, entries.Entry(TrashedMachine("a/uuid", "gone", 1.0, 2.0), Definition("secret")))
    assert (place / "entry.json").stat().st_mode & 0o777 == 0o600
    assert place.stat().st_mode & 0o777 == 0o700
