"""Finds out what a workstation is made of, from the host's own records and with evidence for each item."""

from clonebox_tui.engine.detect.choosing import shares_for as shares_for
from clonebox_tui.engine.detect.choosing import to_wish as to_wish
from clonebox_tui.engine.detect.detection import detect as detect
from clonebox_tui.engine.detect.limits import read_host_limits as read_host_limits
from clonebox_tui.engine.detect.preparing import prepare as prepare
