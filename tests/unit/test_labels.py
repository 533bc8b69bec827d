"""What may be written on a machine, and the filter that finds it again."""

import pytest

from clonebox_tui.model.acts import LabelMachine, relabelled_back
from clonebox_tui.model.filtering import compile_filter, compile_machine_filter
from clonebox_tui.model.labels import (
    MOST_TAGS,
    NOTE_CHARACTERS,
    Labels,
    bounded,
    changed_words,
    fault,
    tag_fault,
    tidy,
)
from clonebox_tui.model.machine import Machine, State

SHOP = Machine(
    "q/1", "web-dev", State.RUNNING, "qemu:///system", "1", tags=("dev", "web"), group="shop", note="8080"
)
OFF = Machine("q/2", "db", State.OFF, "qemu:///session", "2", saved=True, tags=("postgres",))
BARE = Machine("q/3", "web-old", State.OFF, "qemu:///session", "3")


@pytest.mark.parametrize("tag", ["web", "a.b-c_d", "team=a", "me@home", "a/b", "größe", "7"])
def test_a_tag_can_stand(tag: str) -> None:
    assert tag_fault(tag) == ""


@pytest.mark.parametrize("tag", ["", "-web", "+web", "a b", "_x", "x" * 33, "a,b", "\x1b[31m", "a\nb"])
def test_a_tag_that_cannot_stand_is_told_without_controls(tag: str) -> None:
    assert tag_fault(tag).isprintable()
    assert tag_fault(tag)


def test_labels_are_kept_tidy() -> None:
    assert tidy(["web", "a", "web"], " shop ", "one\x1b[2J \r\ntwo\n\n") == Labels(
        ("a", "web"), "shop", "one\ntwo"
    )


def test_too_much_is_refused_from_people_and_cut_from_files() -> None:
    many = tuple(f"t{number}" for number in range(MOST_TAGS + 1))
    assert "at most" in fault(Labels(many))
    assert str(NOTE_CHARACTERS + 1) in fault(Labels(note="x" * (NOTE_CHARACTERS + 1)))
    assert "group" in fault(Labels(group="-x"))
    found = bounded((*many, "no good"), "\x1b", "x" * 10_000)
    assert (len(found.tags), found.group, len(found.note)) == (MOST_TAGS, "", NOTE_CHARACTERS)
    assert not fault(found)


def test_changes_are_told_in_a_few_words() -> None:
    before, after = Labels(("a", "b"), "x", "n"), Labels(("b", "c"), "", "m")
    assert changed_words(before, after) == "+c -a, out of group x, another note"
    assert changed_words(after, before) == "+a -c, group x, another note"
    assert changed_words(before, before) == ""


def test_the_way_back_is_the_act_turned_round() -> None:
    act = LabelMachine("m", Labels(("a",)), Labels())
    assert relabelled_back(act) == LabelMachine("m", Labels(), Labels(("a",)))
    assert relabelled_back(relabelled_back(act)) == act


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["web-dev", "db", "web-old"]),
        ("web", ["web-dev", "web-old"]),
        ("^web-d|^db$", ["web-dev", "db"]),
        ("!web", ["db"]),
        ("~wd", ["web-dev", "web-old"]),
        ("!~wd", ["db"]),
        ("tag:web", ["web-dev"]),
        ("tag:", ["web-dev", "db"]),
        ("!tag:", ["web-old"]),
        ("web tag:dev", ["web-dev"]),
        ("web !tag:dev", ["web-old"]),
        ("group:SHOP", ["web-dev"]),
        ("state:running", ["web-dev"]),
        ("state:off", ["web-old"]),
        ("state:saved|running", ["web-dev", "db"]),
        ("host:session", ["db", "web-old"]),
        ("note:80", ["web-dev"]),
        ("(?:web|db)$", ["db"]),
        ("nonsense:x", []),
    ],
)
def test_a_filter_finds_machines(text: str, names: list[str]) -> None:
    accepts, fault = compile_machine_filter(text)
    assert fault == ""
    assert [each.name for each in (SHOP, OFF, BARE) if accepts(each)] == names


def test_of_several_lines_one_has_to_match() -> None:
    text = "bc\nbc 1.07 is installed and not marked automatic"
    matching = [
        each for each in ("^bc$", "automatic$", "!zip", "~bc7", "~", "!^x") if compile_filter(each)[0](text)
    ]
    assert matching == ["^bc$", "automatic$", "!zip", "~bc7", "~", "!^x"]
    assert not [each for each in ("^automatic", "!^bc$", "~bcbc1z") if compile_filter(each)[0](text)]


def test_a_broken_expression_is_told_and_taken_by_its_letters() -> None:
    for compiled in (compile_filter("[web"), compile_machine_filter("tag:[web")):
        assert "not a regular expression" in compiled[1]
    accepts, _ = compile_filter("[web")
    assert accepts("a[WEB]")
    assert not accepts("web")
