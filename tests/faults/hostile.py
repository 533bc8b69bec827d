"""Sixty kinds of text that a guest, a file or a neighbour may hold to rule somebody's terminal."""

_WORD = "web"

HOSTILE: dict[str, str] = {
    **{f"C0 {code:#04x}": f"{_WORD}{chr(code)}dev" for code in (*range(0x20), 0x7F) if code != 0x0A},
    "CSI clear": "\x1b[2J\x1b[Hgone",
    "CSI colour without end": "\x1b[31mred for ever",
    "CSI cut": "text\x1b[",
    "CSI private mode": "\x1b[?1049h\x1b[?25l",
    "CSI report": "\x1b[6n\x1b[c\x1b[>q",
    "CSI as C1": "\x9b2J\x9b31m",
    "OSC title": "\x1b]0;owned\x07",
    "OSC link": "\x1b]8;;http://evil.example/\x1b\\click\x1b]8;;\x1b\\",
    "OSC clipboard": "\x1b]52;c;cm0gLXJmIH4K\x07",
    "OSC without end": "\x1b]0;never ends",
    "OSC as C1": "\x9d0;owned\x9c",
    "DCS": "\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\",
    "DCS as C1": "\x90+q544e\x9c",
    "APC picture": "\x1b_Gf=24,s=1,v=1;AAAA\x1b\\",
    "PM and SOS": "\x1b^secret\x1b\\\x1bXsecret\x1b\\",
    "charset": "\x1b(0lqqk\x0e",
    "reset": "\x1bc",
    "keypad": "\x1b=\x1b>",
    "escape alone": "end\x1b",
    "all of C1": "".join(map(chr, range(0x80, 0xA0))),
    "bidi override": "abc\u202egnp.exe",
    "bidi isolate": "\u2066\u2067admin\u2069",
    "zero width": "we\u200bb\u200d-\ufeffdev",
    "line separator": "one\u2028two\u2029three",
    "tags": "flag\U000e0041\U000e007f",
    "surrogate": "half \ud83d there",
    "private use": "\ue000\U000f0000",
    "unassigned": "\u0378\U000e01ff",
    "soft hyphen": "web\u00addev",
    "many marks": "z" + "\u0301" * 200,
    "wide": "漢字" * 2000,
    "astral": "🦀🧪👩‍💻" * 50,
    "long": "x" * 10_000,
    "markup": "[bold red]shout[/] [@click=app.quit]x[/]",
    "format": "%s{0}{name!r}\\x1b[31m$(reboot)`id`",
    "lines": "one\ntwo\r\nthree\rfour",
}


def raw_in(text: str) -> list[str]:
    """What of a printed text a terminal might obey; line ends are meant."""
    return sorted({repr(each) for each in text if not each.isprintable() and each != "\n"})
