"""Use cases against real stores and providers."""
