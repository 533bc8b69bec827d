"""Measurements beside the other thing; run by `make bench`, never a timed test. See docs/performance.md."""
