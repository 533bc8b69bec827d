"""What a terminal can show: whether it is told to be UTF-8, and text in nothing but ASCII where it is not."""

from collections.abc import Mapping

_ASCII = str.maketrans(
    {
        "·": "-", "–": "-", "—": "-", "…": "~", "→": ">", "←": "<", "›": ">", "↑": "^", "↓": "v",
        "“": '"', "”": '"', "‘": "'", "’": "'", "×": "x", "├": "|", "└": "`", "│": "|", "─": "-",
    }
)  # fmt: skip


def speaks_utf8(environment: Mapping[str, str]) -> bool:
    """Whether the locale says so.

    Under LANG=C Python itself sets LC_CTYPE to a UTF-8 locale (PEP 538), which says nothing of the terminal.
    """
    locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or ""
    if environment.get("LANG") in ("C", "POSIX") and locale in ("C.UTF-8", "C.utf8", "UTF-8"):
        locale = environment.get("LC_ALL") or "C"
    return "utf-8" in locale.lower() or "utf8" in locale.lower()


def draws_utf8(environment: Mapping[str, str]) -> bool:
    """The same of the terminal: the Linux console has few characters, a dumb one promises none."""
    return speaks_utf8(environment) and environment.get("TERM") not in ("linux", "dumb")


def signs_in_ascii(text: str) -> str:
    """Our own signs and quotes in ASCII; names and other words stay as they are."""
    return text if text.isascii() else text.translate(_ASCII)


def in_ascii(text: str) -> str:
    """Everything in ASCII; what has no likeness becomes `?`."""
    return text if text.isascii() else signs_in_ascii(text).encode("ascii", "replace").decode()
