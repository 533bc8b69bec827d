"""Snapshots taken by themselves: how often, which are kept, and how they are told from a person's own."""

import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from clonebox_tui.model.snapshot import Snapshot

AUTOMATIC_PREFIX = "auto-"
AUTOMATIC_MARK = "[taken by its schedule]"
"""Ends the description; only a snapshot with prefix and mark is ever pruned."""

BEFORE_PREFIX = "before-"
BEFORE_MARK = "[taken before a risky act]"
"""The same for those that are taken before a risky act; these are pruned apart from the others."""

MOST_KEPT = 1000
MOST_HOURS = 24 * 366.0


class SnapshotPolicy(msgspec.Struct, frozen=True, omit_defaults=True):
    """`every_hours` 0: none is taken. Kept are the last ones, the last of each of so many days, and the
    last of each of so many weeks, whichever keeps most. `before_risky`: one is taken before each act that
    changes what is in the guest and cannot take that back itself, and the last `keep_before` are kept."""

    every_hours: float = 0.0
    keep_last: int = 3
    keep_daily: int = 0
    keep_weekly: int = 0
    before_risky: bool = False
    keep_before: int = 3

    @property
    def active(self) -> bool:
        """Whether any is taken as time goes by."""
        return self.every_hours > 0


def fault(policy: SnapshotPolicy) -> str:
    """A sentence on what is wrong with a policy; empty when it can stand."""
    if not 0 <= policy.every_hours <= MOST_HOURS:
        return "How often: every 0.1 hours to once a year, 0 for never."
    if policy.active and policy.every_hours < 0.1:
        return "How often: not more than every 0.1 hours."
    counts = (policy.keep_last, policy.keep_daily, policy.keep_weekly, policy.keep_before)
    if not all(0 <= kept <= MOST_KEPT for kept in counts):
        return f"How many are kept: 0 to {MOST_KEPT} of each kind."
    if (policy.active and policy.keep_last < 1) or (policy.before_risky and policy.keep_before < 1):
        return "At least the last one is kept."
    return ""


def is_automatic(snapshot: Snapshot) -> bool:
    """Whether its schedule took it; a person's own never counts, whatever its name."""
    return snapshot.name.startswith(AUTOMATIC_PREFIX) and snapshot.description.endswith(AUTOMATIC_MARK)


def is_before(snapshot: Snapshot) -> bool:
    """Whether it was taken before a risky act, by the policy."""
    return snapshot.name.startswith(BEFORE_PREFIX) and snapshot.description.endswith(BEFORE_MARK)


def automatic_name(now: float, taken: Sequence[str], prefix: str = AUTOMATIC_PREFIX) -> str:
    """The time as a name (UTC), made unique."""
    name = time.strftime(f"{prefix}%Y%m%d-%H%M%S", time.gmtime(now))
    return next(each for each in (name, *(f"{name}-{n}" for n in range(2, 999))) if each not in taken)


def is_due(policy: SnapshotPolicy, snapshots: Sequence[Snapshot], now: float) -> bool:
    """Whether the next one is to be taken."""
    newest = max((each.created_at for each in snapshots if is_automatic(each)), default=0.0)
    # A clock that was set back makes no snapshot of the future hold up all others.
    return policy.active and not 0 <= now - newest < policy.every_hours * 3600


def outlived(policy: SnapshotPolicy, snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """The automatic ones that are kept no more, oldest first."""
    ours = _newest_first(each for each in snapshots if is_automatic(each))
    kept = {each.name for each in ours[: max(1, policy.keep_last)]}
    kept |= _last_of_each(ours, policy.keep_daily, lambda moment: time.strftime("%Y-%j", time.gmtime(moment)))
    kept |= _last_of_each(
        ours, policy.keep_weekly, lambda moment: time.strftime("%G-%V", time.gmtime(moment))
    )
    return tuple(each for each in reversed(ours) if each.name not in kept)


def outlived_before(policy: SnapshotPolicy, snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """Those taken before risky acts that are kept no more, oldest first."""
    ours = _newest_first(each for each in snapshots if is_before(each))
    return tuple(reversed(ours[max(1, policy.keep_before) :]))


def _newest_first(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    """Where two were taken in one second, their names say which came first."""
    return sorted(snapshots, key=lambda each: (each.created_at, each.name), reverse=True)


def _last_of_each(newest_first: Sequence[Snapshot], count: int, span: Callable[[float], str]) -> set[str]:
    spans: dict[str, str] = {}
    for each in newest_first:
        spans.setdefault(span(each.created_at), each.name)
    return set(list(spans.values())[:count])


def words(policy: SnapshotPolicy) -> str:
    """The policy as a person says it."""
    counts = [
        (policy.keep_last, "the last {}"),
        (policy.keep_daily, "{} daily"),
        (policy.keep_weekly, "{} weekly"),
    ]
    kept = ", ".join(text.format(count) for count, text in counts if count)
    parts = [f"every {policy.every_hours:g} h, keeping {kept}"] if policy.active else []
    parts += [f"before risky acts, keeping the last {policy.keep_before}"] if policy.before_risky else []
    return "; ".join(parts) or "no snapshots by themselves"
