"""Undo and redo: what was done, what its opposite is, and whether that can still be done."""
