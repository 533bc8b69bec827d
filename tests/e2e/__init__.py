"""The product as a person runs it: real processes, real terminals, real guests."""
