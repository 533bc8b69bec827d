"""asyncio without TLS, which nobody here speaks by it: OpenSSL would cost each start 8 ms and 4 MiB."""

import sys


def import_lean_asyncio() -> None:
    """Call it before anything imports asyncio; afterwards `import ssl` works as ever, for https too."""
    if "asyncio" in sys.modules or "ssl" in sys.modules:
        return
    # asyncio provides for a Python that was built without OpenSSL: None makes the import fail as there.
    sys.modules["ssl"] = None  # type: ignore[assignment]
    try:
        import asyncio  # noqa: F401
    finally:
        del sys.modules["ssl"]
