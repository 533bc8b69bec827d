"""Stories live in the same closed world as every other test."""

from tests.conftest import checkout, shared_cache, world

__all__ = ["checkout", "shared_cache", "world"]
