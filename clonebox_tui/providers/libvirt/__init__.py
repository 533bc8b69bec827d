"""Machines of libvirt: the only package that imports it, and no object or error of it leaves here."""

from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.protocol import Provider

_BINDINGS = ("libvirt", "libvirtmod", "libvirt_qemu", "libvirtmod_qemu")


def provider(uri: str) -> Provider:
    """A provider for a libvirt connection, not open yet. LIBVIRT_MISSING without libvirt's bindings."""
    try:
        from clonebox_tui.providers.libvirt.provider import LibvirtProvider
    except ModuleNotFoundError as error:
        if error.name not in _BINDINGS:
            raise  # a fault of ours is not to look like a missing package
        raise problem(
            Code.LIBVIRT_MISSING,
            f"{uri} cannot be used: libvirt's Python bindings are not installed.",
            why=str(error),
            next="Run `make install`, or install the extra: `pip install 'clonebox-tui[libvirt]'`.",
        ) from None
    return LibvirtProvider(uri)


connect = provider
"""The name under which every package of providers gives its provider."""
