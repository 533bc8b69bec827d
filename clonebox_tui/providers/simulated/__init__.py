"""A seeded fleet that behaves like a real one, for the demo, for tests and for measurements."""
