"""Programs of simulated machines that deal with files and folders."""

import re

from clonebox_tui.providers.simulated.commands import Command, Process
from clonebox_tui.providers.simulated.files import is_folder


def _ls(process: Process) -> int:
    code = 0
    for name in process.names or [process.folder]:
        path = process.path(name)
        if path in process.files:
            process.say(name)
        elif is_folder(process.files, path):
            below = path.rstrip("/") + "/"
            inside = {each[len(below) :].split("/")[0] for each in process.files if each.startswith(below)}
            shown = sorted(each for each in inside if each and ("a" in process.options or each[0] != "."))
            process.stdout += "".join(f"{each}\n" for each in shown).encode()
        else:
            code = process.complain(f"ls: cannot access '{name}': No such file or directory", 2)
    return code


def _rm(process: Process) -> int:
    code = 0
    for name in process.names:
        path = process.path(name)
        gone = [each for each in process.files if each == path or each.startswith(path.rstrip("/") + "/")]
        if len(gone) > 1 and "r" not in process.options.lower():
            code = process.complain(f"rm: cannot remove '{name}': Is a directory")
        elif not gone and "f" not in process.options:
            code = process.complain(f"rm: cannot remove '{name}': No such file or directory")
        else:
            for each in gone:
                del process.files[each]
    return code


def _mkdir(process: Process) -> int:
    code = 0
    for name in process.names:
        path = process.path(name)
        if is_folder(process.files, path) and "p" not in process.options:
            code = process.complain(f"mkdir: cannot create directory '{name}': File exists")
        else:
            process.files[path.rstrip("/") + "/"] = b""
    return code


def _touch(process: Process) -> int:
    for name in process.names:
        process.files.setdefault(process.path(name), b"")
    return 0


def _copy(process: Process) -> int:
    if len(process.names) != 2:
        return process.complain("cp: missing file operand")
    source, target = (process.path(name) for name in process.names)
    if source not in process.files:
        return process.complain(f"cp: cannot stat '{process.names[0]}': No such file or directory")
    if is_folder(process.files, target):
        target = f"{target.rstrip('/')}/{source.rsplit('/', 1)[-1]}"
    process.files[target] = process.files[source]
    return 0


def _move(process: Process) -> int:
    code = _copy(process)
    if code == 0:
        del process.files[process.path(process.names[0])]
    return code


def _tee(process: Process) -> int:
    for name in process.names:
        path = process.path(name)
        before = process.files.get(path, b"") if "a" in process.options else b""
        process.files[path] = before + process.stdin
    process.stdout += process.stdin
    return 0


def _input(process: Process, names: list[str]) -> bytes:
    if not names:
        return process.stdin
    return b"".join(process.files.get(process.path(name), b"") for name in names)


def _edge(process: Process) -> tuple[int, list[str]]:
    """The count that head and tail were given, and the files."""
    count, names, words = 10, [], list(process.argv)
    while words:
        word = words.pop(0)
        if word == "-n" and words:
            count = int(words.pop(0))
        elif re.fullmatch(r"-n?\d+", word):
            count = int(word.lstrip("-n"))
        else:
            names.append(word)
    return count, names


def _head(process: Process) -> int:
    if process.argv[:1] == ["-c"]:
        process.stdout += _input(process, process.names[1:])[: int(process.argv[1])]
        return 0
    count, names = _edge(process)
    process.stdout += b"".join(_input(process, names).splitlines(keepends=True)[:count])
    return 0


def _tail(process: Process) -> int:
    count, names = _edge(process)
    process.stdout += b"".join(_input(process, names).splitlines(keepends=True)[-count:])
    return 0


def _wc(process: Process) -> int:
    data = _input(process, process.names)
    figures = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data)}
    return process.say(
        " ".join(str(figures[letter]) for letter in "lwc" if letter in (process.options or "lwc"))
    )


def _grep(process: Process) -> int:
    if not process.names:
        return process.complain("usage: grep PATTERN [FILE]", 2)
    pattern, *names = process.names
    flags = re.IGNORECASE if "i" in process.options else 0
    try:
        found = re.compile(re.escape(pattern) if "F" in process.options else pattern, flags)
    except re.error as error:
        return process.complain(f"grep: {error}", 2)
    lines = _input(process, names).decode(errors="replace").splitlines()
    kept = [line for line in lines if bool(found.search(line)) != ("v" in process.options)]
    if "q" not in process.options:
        process.stdout += "".join(f"{line}\n" for line in kept).encode()
    return 0 if kept else 1


def _test(process: Process) -> int:
    words = [word for word in process.argv if word != "]"]
    negated = words[:1] == ["!"]
    words = words[1:] if negated else words
    holds = _holds(process, words)
    return int(holds == negated)


def _holds(process: Process, words: list[str]) -> bool:
    if len(words) == 1:
        return bool(words[0])
    if len(words) == 2:
        sign, word = words
        path = process.path(word)
        exists = path in process.files or is_folder(process.files, path)
        answers = {"-n": bool(word), "-z": not word, "-d": is_folder(process.files, path), "-e": exists}
        filled = bool(process.files.get(path))
        return answers.get(sign, filled if sign == "-s" else path in process.files)
    if len(words) == 3:
        left, sign, right = words
        return (left == right) == (sign in ("=", "==", "-eq"))
    return False


PROGRAMS: dict[str, Command] = {
    "ls": _ls,
    "rm": _rm,
    "mkdir": _mkdir,
    "touch": _touch,
    "cp": _copy,
    "mv": _move,
    "tee": _tee,
    "head": _head,
    "tail": _tail,
    "wc": _wc,
    "grep": _grep,
    "test": _test,
    "[": _test,
    "chmod": lambda _process: 0,
    "chown": lambda _process: 0,
}
