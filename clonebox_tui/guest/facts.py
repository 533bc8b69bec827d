"""What a guest tells about itself: its system, its name, its addresses."""

import ipaddress

import msgspec

from clonebox_tui.guest.agent import Agent


class GuestSystem(msgspec.Struct, frozen=True, rename="kebab"):
    """The guest's operating system, as its os-release says."""

    pretty_name: str = ""
    id: str = ""
    version_id: str = ""
    kernel_release: str = ""
    machine: str = ""


class _Name(msgspec.Struct, frozen=True, rename="kebab"):
    host_name: str


class _Address(msgspec.Struct, frozen=True, rename="kebab"):
    ip_address: str


class _Interface(msgspec.Struct, frozen=True, rename="kebab"):
    name: str
    ip_addresses: tuple[_Address, ...] = ()


async def system(agent: Agent) -> GuestSystem:
    """Its operating system."""
    return await agent.ask(GuestSystem, "guest-get-osinfo")


async def hostname(agent: Agent) -> str:
    """Its own idea of its name."""
    return (await agent.ask(_Name, "guest-get-host-name")).host_name


async def addresses(agent: Agent) -> tuple[str, ...]:
    """Its addresses that others can reach: neither loopback nor link-local, IPv4 first."""
    interfaces = await agent.ask(tuple[_Interface, ...], "guest-network-get-interfaces")
    found = [
        ipaddress.ip_address(address.ip_address.partition("%")[0])
        for interface in interfaces
        for address in interface.ip_addresses
    ]
    kept = [address for address in found if not address.is_loopback and not address.is_link_local]
    return tuple(str(address) for address in sorted(kept, key=lambda one: (one.version, int(one))))
