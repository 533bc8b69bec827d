"""The headless front end: one command a noun, every one with --json."""
