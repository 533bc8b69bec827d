"""Makes detected items: stable ids and evidence that is safe to show."""

import re

from clonebox_tui.model.environment import Confidence, DetectedItem, DetectedKind, Facts, NoticeFacts

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Text of the host (names, paths) without anything a terminal would obey; at most 200 characters."""
    clean = _UNPRINTABLE.sub("?", text)
    return clean if len(clean) <= 200 else f"{clean[:199]}…"


def item(
    kind: DetectedKind,
    name: str,
    evidence: str,
    facts: Facts,
    confidence: Confidence = Confidence.HIGH,
    *,
    suggested: bool = False,
    held_back: str = "",
) -> DetectedItem:
    """One item; `held_back` marks it as secret and says why (it is never suggested then)."""
    return DetectedItem(
        id=f"{kind.value}:{name}",
        kind=kind,
        name=name,
        evidence=printable(evidence),
        confidence=confidence,
        facts=facts,
        suggested=suggested and not held_back,
        secret=bool(held_back),
        held_back=held_back,
    )


def notice(source: str, reason: str) -> DetectedItem:
    """Says that a source could not be read, or not all of it."""
    facts = NoticeFacts(source, printable(reason))
    return item(DetectedKind.NOTICE, source, f"{source}: {reason}", facts)
