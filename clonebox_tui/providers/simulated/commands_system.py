"""Programs of simulated machines that tell about the system: services, packages, mounts, network."""

import json

from clonebox_tui.providers.simulated.commands import Command, Process
from clonebox_tui.providers.simulated.details import address_of

_BASE_PACKAGES = ("base-files", "bash", "cloud-init", "openssh-server", "qemu-guest-agent", "systemd", "sudo")
_BASE_SERVICES = ("ssh", "cron", "systemd-networkd", "qemu-guest-agent")
_PERSONA_SERVICES = {"web": ("nginx",), "db": ("postgresql",), "build": ("docker",)}
_PERSONA_PORTS = {"web": (80,), "db": (5432,)}


def packages_of(process: Process) -> list[str]:
    """What is installed: the base and what the spec asked for."""
    chosen = process.machine.spec.packages if process.machine.spec else ()
    return sorted({*_BASE_PACKAGES, *chosen, *_PERSONA_SERVICES.get(process.machine.persona, ())})


def services_of(process: Process) -> list[str]:
    """What runs."""
    chosen = process.machine.spec.services if process.machine.spec else ()
    return sorted({*_BASE_SERVICES, *chosen, *_PERSONA_SERVICES.get(process.machine.persona, ())})


def ports_of(process: Process) -> list[int]:
    """Where something listens."""
    chosen = process.machine.spec.ports if process.machine.spec else ()
    return sorted({22, *chosen, *_PERSONA_PORTS.get(process.machine.persona, ())})


def _systemctl(process: Process) -> int:
    verb, *units = process.names or ["list-units"]
    if verb in ("reboot", "poweroff"):
        return 0
    if verb not in ("is-active", "is-enabled"):
        return 0
    known = services_of(process)
    states = [unit.removesuffix(".service") in known for unit in units]
    word, other = ("active", "inactive") if verb == "is-active" else ("enabled", "disabled")
    if "q" not in process.options:
        for state in states:
            process.say(word if state else other)
    return 0 if all(states) else (3 if verb == "is-active" else 1)


def _dpkg_query(process: Process) -> int:
    style = next((each for each in process.argv if each.startswith(("-f", "--showformat="))), "")
    style = style.removeprefix("--showformat=").removeprefix("-f").removeprefix("=")
    code, installed = 0, packages_of(process)
    for name in [each for each in process.names if "$" not in each] or installed:
        if name not in installed:
            code = process.complain(f"dpkg-query: no packages found matching {name}")
            continue
        text = (style or "${Package}\\t${Version}\\n").replace("\\n", "\n").replace("\\t", "\t")
        for field, value in (
            ("binary:Package", name), ("Package", name), ("Version", "12.0-1"),
            ("Status", "install ok installed"), ("db:Status-Status", "installed"), ("Architecture", "amd64"),
        ):  # fmt: skip
            text = text.replace("${" + field + "}", value)
        process.stdout += text.encode()
    return code


def _cloud_init(process: Process) -> int:
    if process.names[:1] != ["status"]:
        return 0
    if any("json" in word for word in process.argv):
        facts = {"status": "done", "extended_status": "done", "errors": [], "recoverable_errors": {}}
        return process.say(json.dumps({**facts, "datasource": "nocloud", "detail": "DataSourceNoCloud"}))
    process.say("status: done")
    if "l" in process.options or "--long" in process.argv:
        process.say("boot_status_code: enabled-by-generator\ndetail:\nDataSourceNoCloud")
    return 0


def _mounts(process: Process) -> list[tuple[str, str, str]]:
    """Source, target and type of every mount."""
    shares = process.machine.spec.shares if process.machine.spec else ()
    live = [
        (share.tag, share.guest, share.driver)
        for share in shares
        if share.guest not in process.machine.unmounted and share.tag not in process.machine.detached
    ]
    return [("/dev/vda", "/", "ext4"), *live]


def _mount(process: Process) -> int:
    if not process.names:
        for source, target, kind in _mounts(process):
            process.say(f"{source} on {target} type {kind} (rw,relatime)")
        return 0
    names = {process.names[-1], process.path(process.names[-1])}
    shares = process.machine.spec.shares if process.machine.spec else ()
    for share in shares:
        if "-a" in process.argv or names & {share.guest, share.tag}:
            if share.tag in process.machine.detached:
                return process.complain(
                    f"mount: {share.guest}: special device {share.tag} does not exist.", 32
                )
            process.machine.unmounted.discard(share.guest)
    return 0


def _umount(process: Process) -> int:
    targets = {target for _, target, _ in _mounts(process)}
    code = 0
    for name in process.names:
        path = process.path(name)
        if path in targets and path != "/":
            process.machine.unmounted.add(path)
        else:
            code = process.complain(f"umount: {name}: not mounted.", 32)
    return code


def _mountpoint(process: Process) -> int:
    path = process.path(process.names[-1]) if process.names else ""
    mounted = path in {target for _, target, _ in _mounts(process)}
    if "q" not in process.options:
        process.say(f"{path} is {'' if mounted else 'not '}a mountpoint")
    return 0 if mounted else 32


def _findmnt(process: Process) -> int:
    wanted = process.path(process.names[-1]) if process.names else ""
    kind = next(
        (after for word, after in zip(process.argv, process.argv[1:], strict=False) if word == "-t"), ""
    )
    rows = [row for row in _mounts(process) if wanted in ("", row[1], f"/{kind}")]
    rows = [row for row in rows if not kind or row[2] in kind.split(",")]
    for source, target, fstype in rows:
        process.say(f"{target} {source} {fstype} rw,relatime")
    return 0 if rows else 1


def _ss(process: Process) -> int:
    process.say("State  Recv-Q Send-Q Local Address:Port Peer Address:Port")
    for port in ports_of(process):
        process.say(f"LISTEN 0      128    0.0.0.0:{port}      0.0.0.0:*")
    return 0


def _ip(process: Process) -> int:
    process.say("1: lo    inet 127.0.0.1/8 scope host lo")
    return process.say(f"2: eth0    inet {address_of(process.machine)}/24 scope global dynamic eth0")


def _free(process: Process) -> int:
    total = process.machine.memory_bytes // 1024
    process.say("               total        used        free")
    return process.say(f"Mem:    {total:12d}{total * 2 // 5:12d}{total * 3 // 5:12d}")


def _df(process: Process) -> int:
    process.say("Filesystem     1K-blocks    Used Available Use% Mounted on")
    return process.say("/dev/vda        20511312 4102264  15341800  22% /")


def _ps(process: Process) -> int:
    process.say("    PID TTY          TIME CMD\n      1 ?        00:00:02 systemd")
    for number, service in enumerate(services_of(process)):
        process.say(f"{380 + 17 * number:7d} ?        00:00:0{number % 7} {service}")
    return 0


def _journalctl(process: Process) -> int:
    data = bytes(process.machine.serial.grow(process.now)) if process.machine.serial else b""
    process.stdout += data.replace(b"\r\n", b"\n")[-16_384:]
    return 0


PROGRAMS: dict[str, Command] = {
    "systemctl": _systemctl,
    "dpkg-query": _dpkg_query,
    "cloud-init": _cloud_init,
    "mount": _mount,
    "umount": _umount,
    "mountpoint": _mountpoint,
    "findmnt": _findmnt,
    "ss": _ss,
    "ip": _ip,
    "free": _free,
    "df": _df,
    "ps": _ps,
    "journalctl": _journalctl,
    "udevadm": lambda _process: 0,
    "chpasswd": lambda _process: 0,
    "stty": lambda _process: 0,
    "chage": lambda _process: 0,
    "hwclock": lambda _process: 0,
}
