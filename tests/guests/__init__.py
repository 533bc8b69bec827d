"""Real guests for tests: a micro machine that is up in seconds, and the full Debian image."""
