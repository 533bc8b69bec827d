"""The vocabulary every other package speaks: frozen structs, enums and pure rules. No I/O, no clock."""
