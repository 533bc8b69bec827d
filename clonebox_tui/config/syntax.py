"""What single values may look like: one checked type for each kind of name, path, number and size.

Every type carries its own sentence, so that errors say what is expected in a person's words, and a
pattern or range, so that the JSON Schema says the same to an editor.
"""

import posixpath
import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from clonebox_tui.model.secrets import has_password

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
PACKAGE = r"^[a-z0-9][a-z0-9+.-]+$"  # Debian policy 5.6.7
UNIT = r"^[A-Za-z0-9][A-Za-z0-9:_.\\@-]{0,254}$"  # systemd.unit(5)
USER = r"^[a-z_][a-z0-9_-]{0,31}$"  # useradd(8), as Debian's adduser checks it

_TOP_FOLDERS = (
    "bin", "boot", "etc", "home", "lib", "lib64", "media", "mnt", "opt",
    "root", "run", "sbin", "srv", "tmp", "usr", "var",
)  # fmt: skip
_KEPT_GUEST_PATHS = {"/", *(f"/{name}" for name in _TOP_FOLDERS)}
_KERNEL_PATHS = ("/dev", "/proc", "/sys")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def wrong(message: str, expected: str) -> PydanticCustomError:
    """An error whose words are ours; `expected` becomes the hint."""
    return PydanticCustomError("clonebox", "{message}", {"message": message, "expected": expected})


def _text(value: Any, what: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong(f"is {_kind(value)}, not text", what)
    if _SURROGATE.search(str(value)):
        raise wrong("holds something that is not Unicode text", what)
    return str(value)


def _uri(value: Any) -> str:
    uri = _text(value, "a URI")
    if has_password(uri):
        raise wrong("holds a password", "a URI without one; ssh takes a key or its agent")
    return uri


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    names = {bool: "true or false", dict: "a map", list: "a list", int: "a number", float: "a number"}
    return names.get(type(value), "text")


def _matching(pattern: str, what: str) -> Callable[[Any], str]:
    compiled = re.compile(pattern.removesuffix("$"))

    def check(value: Any) -> str:
        text = _text(value, what).strip()
        if not compiled.fullmatch(text):
            raise wrong("is not a valid name here", what)
        return text

    return check


def _whole(low: int, high: int, what: str) -> Callable[[Any], int]:
    expected = f"{what}, a whole number from {low} to {high}"

    def check(value: Any) -> int:
        text = str(value).strip() if isinstance(value, str | int | float) else ""
        if isinstance(value, bool) or not re.fullmatch(r"[+-]?\d{1,18}(\.0+)?", text):
            raise wrong(f"is {_kind(value)}, not a whole number", expected)
        number = int(float(text)) if "." in text else int(text)
        if not low <= number <= high:
            raise wrong("is out of range", expected)
        return number

    return check


def _choice(*words: str) -> Callable[[Any], str]:
    expected = "one of " + ", ".join(words)

    def check(value: Any) -> str:
        text = _text(value, expected).strip().lower()
        if text not in words:
            raise wrong("is not one of the choices", expected)
        return text

    return check


def _switch(value: Any) -> bool:
    words = {
        "true": True,
        "yes": True,
        "on": True,
        "1": True,
        "false": False,
        "no": False,
        "off": False,
        "0": False,
    }
    answer = words.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if answer is None:
        raise wrong(f"is {_kind(value)}, not true or false", "true or false")
    return answer


def _guest_path(value: Any) -> str:
    expected = "an absolute path in the guest, such as /home/dev/project"
    text = _text(value, expected)
    if not text.startswith("/"):
        raise wrong("is not an absolute path", expected)
    if _CONTROL.search(text) or len(text.encode(errors="replace")) > 1024:
        raise wrong("is too long or holds a control character", expected)
    if ".." in text.split("/"):
        raise wrong("holds `..`", expected)
    path = posixpath.normpath("/" + text.lstrip("/"))
    if path in _KEPT_GUEST_PATHS or any(path == top or path.startswith(top + "/") for top in _KERNEL_PATHS):
        raise wrong(
            "would hide a folder that the guest itself needs", "a folder of its own, such as /home/dev/x"
        )
    return path


def _host_path(value: Any) -> str:
    expected = "a folder of this host, such as /home/me/project or ~/project"
    text = _text(value, expected)
    if not text.strip() or _CONTROL.search(text):
        raise wrong("is empty" if not text.strip() else "holds a control character", expected)
    return text


def _command(value: Any) -> str:
    text = _text(value, "a shell line")
    if not text.strip():
        raise wrong("is empty", "a shell line")
    return text


def _service(value: Any) -> str:
    return _matching(UNIT, "a systemd unit, such as nginx or postgresql@15-main")(value).removesuffix(
        ".service"
    )


_NAME_WORDS = "1 to 64 letters, digits, `.`, `_` or `-`, a letter or digit first"

MachineName = Annotated[str, Field(pattern=NAME), BeforeValidator(_matching(NAME, _NAME_WORDS))]
PackageName = Annotated[
    str,
    Field(pattern=PACKAGE),
    BeforeValidator(_matching(PACKAGE, "a Debian package, such as git or g++-12")),
]
ServiceName = Annotated[str, Field(pattern=UNIT), BeforeValidator(_service)]
UserName = Annotated[
    str,
    Field(pattern=USER),
    BeforeValidator(_matching(USER, "a lower-case user name of up to 32 characters")),
]
MemoryMiB = Annotated[int, Field(ge=128, le=4194304), BeforeValidator(_whole(128, 4194304, "MiB of memory"))]
CpuCount = Annotated[int, Field(ge=1, le=512), BeforeValidator(_whole(1, 512, "virtual CPUs"))]
DiskGiB = Annotated[int, Field(ge=1, le=65536), BeforeValidator(_whole(1, 65536, "GiB of disk"))]
UserId = Annotated[int, Field(ge=1, le=2147483646), BeforeValidator(_whole(1, 2147483646, "a user id"))]
PortNumber = Annotated[int, Field(ge=1, le=65535), BeforeValidator(_whole(1, 65535, "a port"))]
Switch = Annotated[bool, BeforeValidator(_switch)]
GuestPath = Annotated[str, BeforeValidator(_guest_path)]
HostPath = Annotated[str, BeforeValidator(_host_path)]
Command = Annotated[str, BeforeValidator(_command)]
Text = Annotated[str, BeforeValidator(lambda value: _text(value, "text"))]
ConnectionUri = Annotated[str, BeforeValidator(_uri)]
AccelWord = Annotated[
    str,
    Field(json_schema_extra={"enum": ["auto", "kvm", "tcg"]}),
    BeforeValidator(_choice("auto", "kvm", "tcg")),
]
NetworkWord = Annotated[
    str,
    Field(json_schema_extra={"enum": ["auto", "user", "default", "nat", "bridge"]}),
    BeforeValidator(_choice("auto", "user", "default", "nat", "bridge")),
]
AuthWord = Annotated[
    str,
    BeforeValidator(_choice("ssh_key", "one_time_password", "password", "both", "certificate")),
]
ShareMode = Annotated[
    str, Field(json_schema_extra={"enum": ["live", "copy"]}), BeforeValidator(_choice("live", "copy"))
]
Protocol = Annotated[
    str, Field(json_schema_extra={"enum": ["tcp", "udp"]}), BeforeValidator(_choice("tcp", "udp"))
]
