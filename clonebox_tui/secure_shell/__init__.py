"""The ssh client as both sides use it: own pinned host keys, never a question, nothing forwarded."""
