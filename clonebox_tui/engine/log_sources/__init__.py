"""The logs that can be read of a machine, each in the same way: its end, then what comes."""
