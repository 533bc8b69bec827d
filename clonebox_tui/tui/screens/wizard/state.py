"""What the wizard knows so far; kept as a draft when it is left, so that coming back loses nothing."""

from dataclasses import dataclass, field

from clonebox_tui.model.environment import DetectedItem, DetectedKind, MachineWish
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.rpc import Prepared, Survey

STEPS = ("Where", "What", "How", "Plan", "Build")

GROUPS: tuple[tuple[DetectedKind, str], ...] = (
    (DetectedKind.PROJECT, "Projects"),
    (DetectedKind.SERVICE, "Services"),
    (DetectedKind.APPLICATION, "Applications"),
    (DetectedKind.PACKAGE, "Packages"),
    (DetectedKind.PORT, "Listening ports"),
    (DetectedKind.NOTICE, "Not looked at"),
)
"""Kinds in the order they are shown."""


@dataclass
class Draft:
    """One clone in the making. `chosen` are ids of items; None means that nothing was toggled yet."""

    directory: str
    step: int = 0
    survey: Survey | None = None
    survey_trouble: str = ""
    detected_in: str = ""
    """The folder that `items` belong to."""
    detecting: bool = False
    items: dict[str, DetectedItem] = field(default_factory=dict)
    toggled: dict[str, bool] = field(default_factory=dict)
    """What the person decided against the suggestion, by item id."""
    prepared: Prepared | None = None
    prepared_for: tuple[DetectedItem, ...] = ()
    """The items that `prepared` was made from."""
    wish: MachineWish | None = None
    config_text: str = ""
    plan: Plan | None = None
    job: str = ""

    @property
    def may_fix(self) -> bool:
        """Whether this host lacks something that the program itself can mend."""
        return self.survey is not None and any(check.fixable for check in self.survey.checks)

    def is_chosen(self, item: DetectedItem) -> bool:
        """Whether an item goes into the clone."""
        return self.toggled.get(item.id, item.suggested) and self.may_choose(item)

    @staticmethod
    def may_choose(item: DetectedItem) -> bool:
        """Ports and notices tell something, secrets are held back: none can be cloned by choosing it."""
        return item.kind not in (DetectedKind.PORT, DetectedKind.NOTICE) and not item.secret

    @property
    def chosen(self) -> tuple[DetectedItem, ...]:
        """The items that go into the clone."""
        return tuple(item for item in self.items.values() if self.is_chosen(item))

    def toggle(self, *ids: str) -> None:
        """Turn one item over; several become all chosen, then none, then again what was suggested of them."""
        items = [self.items[each] for each in ids if each in self.items and self.may_choose(self.items[each])]
        if any(self.is_chosen(item) for item in items):
            value = not all(self.is_chosen(item) for item in items)
            self.toggled.update({item.id: value for item in items})
        else:
            every = not any(item.suggested for item in items)
            self.toggled.update({item.id: every or item.suggested for item in items})

    def look_at(self, directory: str) -> None:
        """Another folder: what was found around the one before does not count."""
        if directory != self.detected_in:
            self.items, self.toggled, self.prepared = {}, {}, None
            self.detected_in = directory
        self.directory = directory
