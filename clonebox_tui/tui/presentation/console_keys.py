"""Keys as the bytes that a terminal sends for them: those of xterm, which a guest's vt220 has in common."""

_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_TILDE = {
    "insert": 2, "delete": 3, "pageup": 5, "pagedown": 6,
    "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21, "f11": 23, "f12": 24,
}  # fmt: skip
_PLAIN = {
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "escape": "\x1b",
    "backspace": "\x7f",
    "space": " ",
    "ctrl+space": "\x00",
    "ctrl+at": "\x00",
    "ctrl+backslash": "\x1c",
    "ctrl+circumflex_accent": "\x1e",
    "ctrl+underscore": "\x1f",
    "ctrl+h": "\x08",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
}
_MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4}


def key_bytes(key: str, character: str | None, application_cursor: bool = False) -> bytes:
    """What to send for a key by Textual's name; nothing for one that has no bytes."""
    plain = _PLAIN.get(key)
    if plain is not None:
        return plain.encode()
    *modifiers, name = key.split("+")
    if name in _CURSOR or name in _TILDE:
        return _moving(name, modifiers, application_cursor)
    if modifiers == ["ctrl"] and len(name) == 1 and name.isascii() and name.isalpha():
        return bytes([ord(name.upper()) & 0x1F])
    if character is not None and (character.isprintable() or len(character.encode()) == 1):
        return (b"\x1b" if "alt" in modifiers else b"") + character.encode()
    if modifiers == ["alt"]:
        rest = key_bytes(name, name if len(name) == 1 else None)
        return b"\x1b" + rest if rest else b""
    return b""


def _moving(name: str, modifiers: list[str], application_cursor: bool) -> bytes:
    number = 1 + sum(_MODIFIERS.get(each, 0) for each in modifiers)
    if name in _TILDE:
        text = f"\x1b[{_TILDE[name]}~" if number == 1 else f"\x1b[{_TILDE[name]};{number}~"
    elif number > 1:
        text = f"\x1b[1;{number}{_CURSOR[name]}"
    else:
        text = f"\x1b{'O' if application_cursor else '['}{_CURSOR[name]}"
    return text.encode()
