"""Whatever a file says, checking it ends with findings, never with a traceback or a leaked value."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clonebox_tui import config
from clonebox_tui.config import Request
from clonebox_tui.model.environment import CheckReport
from clonebox_tui.model.problem import Code, ProblemError

FILE = Path("/nowhere/.clonebox.yaml")
SECRET = "s3cr3t-value"
ENVIRONMENT = {"HOME": "/h", "S": SECRET}

_keys = st.sampled_from(
    ["vm", "name", "ram_mb", "vcpus", "paths", "packages", "services", "ports", "post_commands", "host",
     "guest", "mode", "auth", "password", "network_mode", "base_image", "version", "environment", "nmae",
     "x-a", "<<"]
)  # fmt: skip
_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.dates()
    | st.sampled_from(
        [
            "",
            "/a",
            "/a/b",
            "auto",
            "${S}",
            "x${S}/y",
            "${S:-d}",
            "${",
            "${}",
            "80:${S}",
            "$$",
            "\x1b[2J",
            "nat",
        ]
    )
    | st.text(max_size=8)
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=12,
)


def no_leak(report: CheckReport) -> None:
    told = "".join(fault.text() for fault in report.faults)
    assert SECRET not in told
    assert "\x1b" not in told


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(_keys, _values, max_size=6))
def test_any_values_under_known_keys(data: dict[str, Any]) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)
    report = config.check_text(FILE, text, ENVIRONMENT)
    no_leak(report)
    if report.ok:
        loaded = config.load_text(FILE, text, Request(ENVIRONMENT))
        again = config.load_text(FILE, config.render(loaded.wish), Request({}))
        assert again.wish == loaded.wish
    else:
        with pytest.raises(ProblemError) as caught:
            config.load_text(FILE, text, Request(ENVIRONMENT))
        assert caught.value.problem.code is Code.CONFIG_INVALID
        assert SECRET not in repr(caught.value.problem)


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        st.sampled_from("vm:name -[]{}&*!|>'\"#%@\n\t ,?<~\\x07\ud800ü\u2028") | st.characters(), max_size=40
    )
)
def test_any_text(text: str) -> None:
    report = config.check_text(FILE, text, ENVIRONMENT)
    no_leak(report)
    assert all(fault.line >= 1 for fault in report.faults if not fault.source)
