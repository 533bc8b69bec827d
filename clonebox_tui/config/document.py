"""Reads one YAML file the user owns, and remembers where in it everything stands.

ruamel.yaml round trip (YAML 1.2, so `on` and `22:22` stay text) keeps comments and order; the node tree
gives line and column of every key and value. Input is untrusted: size, depth and number of nodes are
bounded, tags make no objects.
"""

import stat
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from clonebox_tui.config.faults import FaultList
from clonebox_tui.config.keypath import KeyPath
from clonebox_tui.model.problem import Code, problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_NODES = 20_000


@dataclass(frozen=True)
class Mark:
    """Where something stands in the file, counted from 1."""

    line: int
    column: int


@dataclass
class Document:
    """A file as written: its text, its editable tree (comments kept) and the place of every key.

    `data` is a `CommentedMap`, empty when the text could not be parsed (then faults were reported).
    """

    path: Path
    text: str
    data: CommentedMap = field(default_factory=CommentedMap)
    key_marks: dict[KeyPath, Mark] = field(default_factory=dict)
    value_marks: dict[KeyPath, Mark] = field(default_factory=dict)

    def mark(self, path: KeyPath, *, of_key: bool = False) -> Mark | None:
        """Place of a key path, else that of the nearest key above it; None for an empty file."""
        marks = self.key_marks if of_key else self.value_marks
        for end in range(len(path), 0, -1):
            if path[:end] in marks:
                return marks[path[:end]]
        return self.value_marks.get(())

    def plain(self) -> dict[str, Any]:
        """The content as plain dicts, lists and scalars: a copy that may be changed freely."""
        copy = bounded_plain(self.data)
        return copy if isinstance(copy, dict) else {}


class TooComplexError(Exception):
    """The document is deeper or larger (aliases counted in full) than any real file."""

    def __init__(self) -> None:
        super().__init__(f"more than {MAX_DEPTH} levels or {MAX_NODES} values")


def round_trip() -> YAML:
    """The one set-up for reading and writing users' files: comments, quotes and the usual indents kept."""
    loader = YAML(typ="rt")
    loader.preserve_quotes = True
    loader.allow_duplicate_keys = True  # reported by ourselves, all of them and with their place
    loader.width = 4096
    loader.indent(mapping=2, sequence=4, offset=2)
    return loader


def read_text(path: Path) -> str:
    """The text of a regular file of at most 256 KiB; raises `file-not-found` or `config-invalid`."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise problem(Code.CONFIG_INVALID, f"{path} is not a regular file.", next="Name a YAML file.")
        if status.st_size > MAX_BYTES:
            raise problem(
                Code.CONFIG_INVALID,
                f"{path} is too large to be a configuration.",
                why=f"it has {status.st_size} bytes; the limit is {MAX_BYTES}",
                next="Name a file that was written by hand, or by `clonebox-tui clone`.",
            )
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise problem(
            Code.FILE_NOT_FOUND, f"There is no file {path}.", next="Check the path, or write one by `clone`."
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise problem(
            Code.CONFIG_INVALID,
            f"{path} is not UTF-8 text.",
            why=f"line {line} holds byte 0x{error.object[error.start]:02x}",
            next="Save the file as UTF-8.",
        ) from None
    except OSError as error:
        raise problem(
            Code.PERMISSION_DENIED if isinstance(error, PermissionError) else Code.CONFIG_INVALID,
            f"{path} cannot be read.",
            why=error.strerror or str(error),
            next="Check that the file is yours to read.",
        ) from None


def parse(path: Path, text: str, faults: FaultList) -> Document:
    """Parse `text`; every syntax fault and duplicate key goes to `faults`, nothing is raised."""
    document = Document(path, text)
    try:
        _refuse_bombs(text)
        root = round_trip().compose(StringIO(text))
        if root is None:
            return document
        _record(root, (), document, faults, [0])
        if not isinstance(root, MappingNode):
            faults.error(
                (), "the file has no keys at its top", "lines like `vm:` and `packages:`", Mark(1, 1)
            )
            return document
        document.data = round_trip().load(StringIO(text))
        document.plain()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)
        reason = ", ".join(part for part in (error.context, error.problem) if part)
        faults.error(
            (), f"not valid YAML: {reason or 'syntax error'}", "correct indents, quotes, colons", place
        )
        document.data = CommentedMap()
    except ReaderError as error:
        before = text[: error.position]
        place = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        faults.error((), "a control character that YAML does not allow", "printable text", place)
    except (TooComplexError, RecursionError):
        faults.error(
            (), "nested too deeply or far too many values", f"at most {MAX_DEPTH} levels", Mark(1, 1)
        )
        document.data = CommentedMap()
    except (YAMLError, ValueError) as error:
        faults.error((), f"not valid YAML: {error}", "", Mark(1, 1))
        document.data = CommentedMap()
    return document


def _refuse_bombs(text: str) -> None:
    """Look at size and depth with the quick C parser first: the thorough one takes seconds on a bomb."""
    depth = nodes = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            nodes += isinstance(event, yaml.NodeEvent)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH or nodes > MAX_NODES:
                raise TooComplexError
    except yaml.YAMLError:
        return  # told in better words, with its place, by the thorough parser


def _record(node: Node, path: KeyPath, document: Document, faults: FaultList, count: list[int]) -> None:
    count[0] += 1
    if len(path) > MAX_DEPTH or count[0] > MAX_NODES:
        raise TooComplexError
    document.value_marks.setdefault(path, _mark(node))
    if isinstance(node, SequenceNode):
        for index, child in enumerate(node.value):
            _record(child, (*path, index), document, faults, count)
    elif isinstance(node, MappingNode):
        _record_mapping(node, path, document, faults, count)


def _record_mapping(
    node: MappingNode, path: KeyPath, document: Document, faults: FaultList, count: list[int]
) -> None:
    for key, value in node.value:
        name = key.value if isinstance(key, ScalarNode) else "?"
        child = (*path, str(name))
        if child in document.key_marks and name != "<<":
            first = document.key_marks[child].line
            faults.error(child, f"the key stands twice (first in line {first})", "each key once", _mark(key))
            continue
        document.key_marks.setdefault(child, _mark(key))
        _record(value, child, document, faults, count)


def _mark(node: Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def bounded_plain(value: Any) -> Any:
    """Plain dicts, lists and scalars of loaded YAML; raises `TooComplexError` (aliases counted in full)."""
    return _plain(value, 0, [0])


def _plain(value: Any, depth: int, count: list[int]) -> Any:
    count[0] += 1
    if depth > MAX_DEPTH or count[0] > MAX_NODES:
        raise TooComplexError
    if isinstance(value, dict):
        return {_key(key): _plain(item, depth + 1, count) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1, count) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    tagged = getattr(value, "value", None)  # an unknown tag: its text, never an object
    return tagged if isinstance(tagged, str | int | float) else str(value)


def _key(key: Any) -> str:
    return "null" if key is None else str(key).lower() if isinstance(key, bool) else str(key)
