"""Where machines live: one package for each kind of place, all behind one protocol."""

from importlib import import_module
from typing import TYPE_CHECKING

from clonebox_tui.model.problem import Code, problem

if TYPE_CHECKING:
    from clonebox_tui.providers.protocol import Provider

_PACKAGES = {"simulated": "clonebox_tui.providers.simulated", "qemu": "clonebox_tui.providers.libvirt",
             "test": "clonebox_tui.providers.libvirt"}  # fmt: skip
"""Packages by URI scheme (what stands before `:` or `+`); each has `connect(uri) -> Provider`."""


def provider_for(uri: str) -> "Provider":
    """The provider that serves a URI, not opened yet. Packages are imported when first needed.

    CONNECTION_FAILED for a URI nobody serves, LIBVIRT_MISSING where its library is not installed.
    """
    scheme = uri.partition(":")[0].partition("+")[0]
    package = _PACKAGES.get(scheme)
    if package is None:
        raise problem(
            Code.CONNECTION_FAILED,
            f"No provider serves {uri!r}.",
            why=f"The scheme is {scheme!r}; known are {', '.join(sorted(_PACKAGES))}.",
            next="Use a URI such as qemu:///system or qemu:///session.",
        )
    provider: Provider = import_module(package).connect(uri)
    return provider
