"""The habits of the code base that no linter knows: why a module exists, its size, honest messages."""

import ast
import re
from pathlib import Path

LINES_PER_FILE = 300
LINES_PER_FUNCTION = 40
_VAGUE = re.compile(r"(Manager|Helper|Utils?|Common)$")


def _sources(checkout: Path) -> list[Path]:
    return sorted((checkout / "clonebox_tui").rglob("*.py"))


def _functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_every_module_says_why_it_exists(checkout: Path) -> None:
    silent = [path.name for path in _sources(checkout) if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_files_stay_small(checkout: Path) -> None:
    tests = [path for folder in ("tests", "snapshots_tests") for path in (checkout / folder).rglob("*.py")]
    lengths = {path.name: len(path.read_text().splitlines()) for path in [*_sources(checkout), *tests]}
    assert {name: length for name, length in lengths.items() if length > LINES_PER_FILE} == {}


def test_functions_stay_small(checkout: Path) -> None:
    long: dict[str, int] = {}
    for path in _sources(checkout):
        for function in _functions(ast.parse(path.read_text())):
            length = (function.end_lineno or 0) - function.lineno + 1
            if length > LINES_PER_FUNCTION:
                long[f"{path.name}:{function.name}"] = length
    assert long == {}


def test_classes_have_names_that_explain_them(checkout: Path) -> None:
    vague = [
        f"{path.name}:{node.name}"
        for path in _sources(checkout)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and _VAGUE.search(node.name)
    ]
    assert vague == []


def test_no_shell_string_is_ever_run(checkout: Path) -> None:
    forbidden = re.compile(r"shell=True|os\.system\(|os\.popen\(|create_subprocess_shell|commands\.getoutput")
    guilty = [path.name for path in _sources(checkout) if forbidden.search(path.read_text())]
    assert guilty == []


def test_nothing_is_left_for_later(checkout: Path) -> None:
    marks = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XXX")) + r")\b")
    guilty = [path.name for path in _sources(checkout) if marks.search(path.read_text())]
    assert guilty == []
