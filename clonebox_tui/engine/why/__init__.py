"""Explain a machine that does not get ready: evidence is gathered once, then pure rules read it."""

from clonebox_tui.engine.why.explaining import explain as explain
