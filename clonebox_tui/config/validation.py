"""Runs the file model over plain data and turns what pydantic says into findings with a place."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from clonebox_tui.config.faults import FaultList, quote
from clonebox_tui.config.file_model import ProjectFile
from clonebox_tui.config.keypath import KeyPath, dotted, nearest

_FORMS = {"map", "list"}
_EXPECTED = {
    "dict_type": ("is not a map", "`key: value` lines"),
    "model_type": ("is not a map", "`key: value` lines"),
    "model_attributes_type": ("is not a map", "`key: value` lines"),
    "list_type": ("is not a list", "one `- entry` a line"),
    "missing": ("is missing", "this key"),
    "union_tag_not_found": ("is neither a map nor a list", "/host/folder: /guest/folder, or a list of maps"),
}


def validate(data: Mapping[str, Any], faults: FaultList) -> ProjectFile | None:
    """The checked file, or None with every fault reported."""
    try:
        return ProjectFile.model_validate(data)
    except ValidationError as error:
        broken = {fault.path for fault in faults.found if fault.level.value == "error"}
        for details in error.errors(include_url=False, include_input=False):
            path = _path(details["loc"])
            if dotted(path) not in broken:
                message, expected = _words(details)
                faults.error(path, f"{_quoted(path, details, faults)}{message}", expected)
        return None


def unknown_keys(data: Mapping[str, Any], faults: FaultList) -> None:
    """Warn about every key that no part of the model knows, with the nearest name it may have meant."""
    for path, known in _unknown(data, ProjectFile, ()):
        close = nearest(str(path[-1]), known)
        hint = f"did you mean `{close}`?" if close else "it is ignored"
        faults.warning(path, "this key is not known", hint, of_key=True)


def known_path(path: KeyPath) -> tuple[bool, frozenset[str]]:
    """Whether the model has a place for this key path; if not, the names known where it leaves the model."""
    model: type[BaseModel] | None = ProjectFile
    for part in path:
        if model is None or isinstance(part, int):
            return True, frozenset()
        if part not in model.model_fields:
            return False, frozenset(model.model_fields)
        model = _model_in(model.model_fields[part].annotation)
    return True, frozenset()


def _unknown(data: Any, model: type[BaseModel], path: KeyPath) -> Iterator[tuple[KeyPath, frozenset[str]]]:
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _unknown(item, model, (*path, index))
    if not isinstance(data, Mapping):
        return
    for key, value in data.items():
        if str(key).startswith("x-"):
            continue  # a person's own, as in other YAML formats: a place for anchors
        if key not in model.model_fields:
            yield (*path, key), frozenset(model.model_fields)
            continue
        inner = _model_in(model.model_fields[key].annotation)
        if inner is not None and (isinstance(value, list) or not _is_list_model(key)):
            yield from _unknown(value, inner, (*path, key))


def _is_list_model(key: str) -> bool:
    return key in {"paths", "ports"}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part)) is not None), None)


def _path(location: tuple[int | str, ...]) -> KeyPath:
    parts = [part for part in location if part != "[key]"]
    if parts[:1] == ["paths"] and len(parts) > 1 and parts[1] in _FORMS:
        del parts[1]
    return tuple(parts)


def _words(details: ErrorDetails) -> tuple[str, str]:
    if details["type"] == "clonebox":
        context = details.get("ctx", {})
        return str(context.get("message", "")), str(context.get("expected", ""))
    return _EXPECTED.get(details["type"], (details["msg"], ""))


def _quoted(path: KeyPath, details: ErrorDetails, faults: FaultList) -> str:
    if details["type"] == "missing":
        return ""
    words = quote(path[-1]) if "[key]" in details["loc"] else faults.quoted(path)
    return f"{words} " if words else ""
