"""What a person writes on a machine to find it again: tags, one group, a note; and what may be written."""

import re
from collections.abc import Iterable

import msgspec

from clonebox_tui.model.plain import clean_text

TAG_CHARACTERS = 32
GROUP_CHARACTERS = 48
NOTE_CHARACTERS = 2000
MOST_TAGS = 32

_TAG = r"[^\W_][\w.=@/-]*"
_GROUP = r"[^\W_][\w.=@/ -]*"
"""Compiled when first used: most starts need neither."""


class Labels(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Everything written on one machine. `tags` are sorted and each there once; `note` may have lines."""

    tags: tuple[str, ...] = ()
    group: str = ""
    note: str = ""


def tag_fault(tag: str) -> str:
    """A sentence on what is wrong with a tag; empty when it can stand."""
    if len(tag) > TAG_CHARACTERS:
        return f"A tag has at most {TAG_CHARACTERS} characters."
    if not re.fullmatch(_TAG, tag):
        shown = clean_text(tag) or "Nothing"
        return f"{shown} is no tag: letters, digits and . _ - = @ / only, a letter or digit first."
    return ""


def group_fault(group: str) -> str:
    """The same for a group's name; empty is no group, which can stand."""
    if len(group) > GROUP_CHARACTERS:
        return f"The name of a group has at most {GROUP_CHARACTERS} characters."
    if group and (not re.fullmatch(_GROUP, group) or group != group.strip()):
        return "The name of a group: letters, digits, spaces and . _ - = @ / only, a letter or digit first."
    return ""


def note_fault(note: str) -> str:
    """The same for a note."""
    if len(note) > NOTE_CHARACTERS:
        return f"A note has at most {NOTE_CHARACTERS} characters; this one has {len(note)}."
    return ""


def fault(labels: Labels) -> str:
    """What is wrong with all of it, the first thing; empty when it can stand."""
    found = next(filter(None, map(tag_fault, labels.tags)), "") or group_fault(labels.group)
    if not found and len(labels.tags) > MOST_TAGS:
        found = f"A machine has at most {MOST_TAGS} tags."
    return found or note_fault(labels.note)


def tidy(tags: Iterable[str], group: str = "", note: str = "") -> Labels:
    """Labels as they are kept: tags sorted and once each, harmless lines, no blanks at the ends."""
    return Labels(tuple(sorted(set(tags))), group.strip(), _lines(note))


def bounded(tags: Iterable[str], group: str, note: str) -> Labels:
    """What somebody else wrote, as far as it can stand: the rest is left out, too long a note is cut."""
    good = [tag for tag in tags if not tag_fault(tag)]
    kept = tidy(good[:MOST_TAGS], "" if group_fault(group) else group, note[: NOTE_CHARACTERS * 2])
    return msgspec.structs.replace(kept, note=kept.note[:NOTE_CHARACTERS])


def _lines(note: str) -> str:
    return "\n".join(clean_text(line).rstrip() for line in note.splitlines()).strip()


def retagged(labels: Labels, words: Iterable[str]) -> Labels:
    """The labels with other tags: `-web` takes one off, `+web` or `web` puts one on."""
    wanted = list(words)
    off = {word[1:] for word in wanted if word.startswith("-")}
    put = [word.removeprefix("+") for word in wanted if not word.startswith("-")]
    return msgspec.structs.replace(labels, tags=tuple(tag for tag in (*labels.tags, *put) if tag not in off))


def changed_words(before: Labels, after: Labels) -> str:
    """What differs, in a few words: `+web −old, group shop, another note`; empty: nothing."""
    words = [f"+{tag}" for tag in after.tags if tag not in before.tags]
    words += [f"-{tag}" for tag in before.tags if tag not in after.tags]
    parts = [" ".join(words)] if words else []
    if after.group != before.group:
        parts.append(f"group {after.group}" if after.group else f"out of group {before.group}")
    if after.note != before.note:
        parts.append("no note" if not after.note else "another note" if before.note else "a note")
    return ", ".join(parts)
