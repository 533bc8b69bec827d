"""Opens `.clonebox.yaml`: from a path to a checked wish, or to everything that is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clonebox_tui.config import rules
from clonebox_tui.config.defaults import guest_user
from clonebox_tui.config.document import Document, parse, read_text
from clonebox_tui.config.expansion import expand, variables_for
from clonebox_tui.config.faults import FaultList
from clonebox_tui.config.overrides import apply_override, parse_overrides
from clonebox_tui.config.profiles import leaves, load_profile, merge
from clonebox_tui.config.validation import unknown_keys, validate
from clonebox_tui.config.wish import wish_from
from clonebox_tui.model.environment import CheckReport, ConfigFault, GuestUser, HostLimits, MachineWish
from clonebox_tui.model.problem import Code, Problem, ProblemError

FILE_NAMES = (".clonebox.yaml", "clonebox.yaml")


@dataclass(frozen=True)
class LoadedConfig:
    """A file that can be used: the wish, what else was noticed, and the document for edits."""

    wish: MachineWish
    faults: tuple[ConfigFault, ...]
    document: Document


@dataclass(frozen=True)
class Request:
    """What belongs to one loading besides the file: all of it comes from the caller, nothing from us."""

    environment: Mapping[str, str]
    user: GuestUser | None = None
    limits: HostLimits | None = None
    profile: str | None = None
    settings: tuple[str, ...] = ()
    require_host_files: bool = False


def find_file(place: Path) -> Path | None:
    """The project file in a folder (or `place` itself when it is a file); None when there is none."""
    if place.is_file():
        return place
    return next((place / name for name in FILE_NAMES if (place / name).is_file()), None)


def load(
    path: Path,
    environment: Mapping[str, str],
    *,
    user: GuestUser | None = None,
    limits: HostLimits | None = None,
    profile: str | None = None,
    settings: Iterable[str] = (),
    require_host_files: bool = False,
) -> LoadedConfig:
    """Load a project file; raises `config-invalid` with every fault in the details, or `file-not-found`.

    `environment` is the request's, `user` and `limits` fill what the file leaves open, `settings` are
    `--set` texts, `require_host_files` makes an absent shared folder an error (for a clone).
    """
    request = Request(environment, user, limits, profile, tuple(settings), require_host_files)
    return load_text(path, read_text(path), request)


def load_text(path: Path, text: str, request: Request) -> LoadedConfig:
    """The same for a text that stands, or will stand, at `path`."""
    faults, document, wish = _examine(path, text, request)
    if wish is None:
        raise ProblemError(_invalid(path, faults.in_order()))
    return LoadedConfig(wish, faults.in_order(), document)


def check(path: Path, environment: Mapping[str, str], *, profile: str | None = None) -> CheckReport:
    """Everything to say about a file; raises only when it cannot be read at all."""
    faults, _, _ = _examine(path, read_text(path), Request(environment, profile=profile))
    return CheckReport(str(path), faults.in_order())


def check_text(path: Path, text: str, environment: Mapping[str, str]) -> CheckReport:
    """The same for a text that is still being typed."""
    faults, _, _ = _examine(path, text, Request(environment))
    return CheckReport(str(path), faults.in_order())


def _examine(path: Path, text: str, request: Request) -> tuple[FaultList, Document, MachineWish | None]:
    faults = FaultList()
    document = parse(path, text, faults)
    faults.document = document
    folder = path.parent.absolute()
    source = _layered(document.plain(), folder, request, faults)
    faults.source = source
    unknown_keys(source, faults)
    data = expand(source, variables_for(folder, request.environment, faults), faults)
    rules.check_meaning(data, faults)
    home = request.environment.get("HOME") or "/"
    rules.host_files(data, folder, home, faults, required=request.require_host_files)
    model = validate(data, faults)
    if model is None or faults.has_errors:
        return faults, document, None
    return faults, document, wish_from(model, folder, home, request.user or guest_user(), request.limits)


def _layered(data: dict[str, Any], folder: Path, request: Request, faults: FaultList) -> dict[str, Any]:
    """The file's data with the profile laid over it, then the settings of the command line."""
    if request.profile is not None:
        profile = load_profile(request.profile, folder, request.environment)
        data = merge(data, profile)
        faults.overlays.update(dict.fromkeys(leaves(profile), f"profile {request.profile}"))
    for key, value in parse_overrides(request.settings):
        apply_override(data, key, value)
        faults.overlays[key] = "--set"
    return data


def _invalid(path: Path, found: tuple[ConfigFault, ...]) -> Problem:
    errors = [fault for fault in found if fault.level.value == "error"]
    count = "1 fault" if len(errors) == 1 else f"{len(errors)} faults"
    # A setting of the command line may be wrong where there is no file at all.
    elsewhere = sorted({fault.source for fault in errors})
    beside = bool(elsewhere) and "" not in elsewhere
    return Problem(
        Code.CONFIG_INVALID,
        f"{' and '.join(elsewhere) if beside else path} has {count}.",
        why=errors[0].text() if errors else "",
        next="Correct it there; `clonebox-tui config schema` tells what each key takes."
        if beside
        else f"Correct the file; `clonebox-tui config check {path}` shows everything again.",
        details=tuple(fault.text() for fault in found),
    )
