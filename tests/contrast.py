"""WCAG's contrast, computed: https://www.w3.org/TR/WCAG21/#contrast-minimum (1.4.3)."""

from rich.color import Color
from rich.style import Style

LEAST_CONTRAST = 4.5


def _luminance(colour: Color | None) -> float:
    assert colour is not None
    assert colour.triplet is not None
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in colour.triplet)
    ]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(style: Style) -> float:
    """That of an ink with its ground, 1 to 21."""
    light, dark = sorted((_luminance(style.color), _luminance(style.bgcolor)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
