"""New machines from a moment of another one: its disk as it was, an identity of their own."""
