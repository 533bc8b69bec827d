"""The wizard's form: what stands in it means what a person thinks it means."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clonebox_tui.model.environment import (
    GIBIBYTE,
    Confidence,
    DetectedItem,
    DetectedKind,
    HostLimits,
    MachineWish,
    PackageFacts,
    PortWish,
    ShareWish,
)
from clonebox_tui.model.rpc import Check, Survey
from clonebox_tui.tui.presentation.folding import fold
from clonebox_tui.tui.presentation.glyphs import UNICODE
from clonebox_tui.tui.screens.wizard.editing import by_field
from clonebox_tui.tui.screens.wizard.form import texts_of, wish_of
from clonebox_tui.tui.screens.wizard.state import Draft
from clonebox_tui.tui.screens.wizard.texts import VALUE_CELL, survey_lines

WISH = MachineWish(
    name="clone-shop",
    vcpus=2,
    memory_bytes=2 * GIBIBYTE,
    disk_bytes=20 * GIBIBYTE,
    username="dev",
    uid=1000,
    shares=(ShareWish("/srv/shop front", "/home/dev/shop front"), ShareWish("/srv/data", "/data", True)),
    packages=("nginx-light", "git"),
    services=("nginx",),
    ports=(PortWish(80, 18080, service="nginx"), PortWish(5432)),
)


def test_an_untouched_form_means_the_same_wish() -> None:
    assert wish_of(texts_of(WISH), WISH) == (WISH, {})


@given(
    st.lists(
        st.tuples(
            st.text("abc äöü'\"$-_.", min_size=1, max_size=12),
            st.text("xyz é-_.", min_size=1, max_size=12),
            st.booleans(),
        ),
        max_size=4,
    )
)
def test_shares_survive_the_form(folders: list[tuple[str, str, bool]]) -> None:
    shares = tuple(
        ShareWish(f"/{host.strip()}x", f"/{guest.strip()}y", readonly) for host, guest, readonly in folders
    )
    wish = msgspec.structs.replace(WISH, shares=shares)
    assert wish_of(texts_of(wish), wish) == (wish, {})


@pytest.mark.parametrize(
    ("field", "typed", "means"),
    [
        ("vcpus", " 4 ", 4),
        ("memory_bytes", "0.5", GIBIBYTE // 2),
        ("memory_bytes", "1,5", GIBIBYTE * 3 // 2),
        ("packages", "git, curl  git", ("git", "curl")),
        ("ports", "8080", (PortWish(8080),)),
        ("ports", "18080:8080 53/udp", (PortWish(8080, 18080), PortWish(53, None, "udp"))),
        (
            "shares",
            "/a b -> /c (read-only)\n\n/d -> /e",
            (ShareWish("/a b", "/c", True), ShareWish("/d", "/e")),
        ),
    ],
)
def test_what_is_typed(field: str, typed: str, means: object) -> None:
    wish, faults = wish_of({**texts_of(WISH), field: typed}, WISH)
    assert (getattr(wish, field), faults) == (means, {})


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("vcpus", "two"),
        ("vcpus", "0"),
        ("memory_bytes", "lots"),
        ("memory_bytes", "-1"),
        ("disk_bytes", ""),
        ("ports", "http"),
        ("ports", "x:80"),
        ("shares", "/only/host"),
        ("shares", "/host -> "),
    ],
)
def test_what_means_nothing_is_said_and_changes_nothing(field: str, typed: str) -> None:
    wish, faults = wish_of({**texts_of(WISH), field: typed}, WISH)
    assert list(faults) == [field]
    assert getattr(wish, field) == getattr(WISH, field)


def test_faults_of_parts_belong_to_their_field() -> None:
    assert by_field({"shares.1.host": "gone", "shares.0.host": "too", "ports[2]": "taken", "name": "no"}) == {
        "shares": "gone",
        "ports": "taken",
        "name": "no",
    }


def test_what_is_folded_in_the_survey_stays_in_its_column() -> None:
    check = Check("connection", "ok", "qemu:///system " + "is up and answers " * 6)
    survey = Survey((check,), HostLimits(2, 0, 0, 0), "tcg", "")
    more = fold(survey_lines(survey, UNICODE)[0], 76, VALUE_CELL)[1:]
    assert more
    for line in more:
        text = "".join(part for part, _ in line)
        assert text.startswith(" " * VALUE_CELL)
        assert text[VALUE_CELL] != " "


def test_a_heading_goes_through_all_none_and_what_was_suggested() -> None:
    facts = PackageFacts("1")
    items = [
        DetectedItem(name, DetectedKind.PACKAGE, name, "asked for", Confidence.HIGH, facts, suggested=wanted)
        for name, wanted in (("git", True), ("vim", False), ("make", True))
    ]
    draft = Draft("/", items={item.id: item for item in items})

    def chosen_after_space() -> list[str]:
        draft.toggle(*draft.items)
        return [item.id for item in draft.chosen]

    assert [item.id for item in draft.chosen] == ["git", "make"]
    assert chosen_after_space() == ["git", "vim", "make"]
    assert chosen_after_space() == []
    assert chosen_after_space() == ["git", "make"]
    draft.toggle("vim")
    assert chosen_after_space() == []
    draft.toggle("vim")
    assert [item.id for item in draft.chosen] == ["vim"]
