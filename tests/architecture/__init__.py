"""The rules of the code base, executed."""
