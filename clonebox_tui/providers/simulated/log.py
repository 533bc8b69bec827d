"""What a simulated machine prints on its serial console: a boot, then work, growing as time goes by."""

from random import Random

MOST_BYTES = 512 * 1024
"""Older lines are forgotten: the log is then another file, as after a rotation."""

_PAST_SECONDS = 1200.0
"""How much of the time before it is first read a running machine's log tells of."""

_BOOT = (
    (0.0, "Linux version 6.1.0-37-amd64 (debian-kernel@lists.debian.org) #1 SMP PREEMPT_DYNAMIC Debian"),
    (0.0, "Command line: root=/dev/vda rw console=ttyS0 quiet"),
    (0.31, "virtio_blk virtio1: [vda] 41943040 512-byte logical blocks (21.5 GB/20.0 GiB)"),
    (0.52, "EXT4-fs (vda): mounted filesystem with ordered data mode. Quota mode: none."),
    (0.88, "systemd[1]: Set hostname to <{name}>."),
    (1.12, "systemd[1]: Started qemu-guest-agent.service - QEMU Guest Agent."),
    (1.40, "cloud-init[412]: Cloud-init v. 22.4.2 running 'init'"),
    (1.71, "cloud-init[455]: Cloud-init v. 22.4.2 running 'modules:config'"),
    (2.30, "cloud-init[470]: Cloud-init v. 22.4.2 running 'modules:final'"),
    (2.62, "systemd[1]: Reached target cloud-init.target - Cloud-init target."),
    (2.90, "clonebox[501]: ready"),
)

_WORK = {
    "web": (
        'nginx[712]: 10.0.2.2 "GET /api/orders?page={n} HTTP/1.1" 200 {big} {n}ms',
        'nginx[712]: 10.0.2.2 "POST /api/session HTTP/1.1" 201 412 {n}ms',
        'nginx[712]: 10.0.2.2 "GET /static/app.{n}.js HTTP/1.1" 304 0 1ms',
        'nginx[712]: 10.0.2.2 "GET /healthz HTTP/1.1" 200 2 0ms',
        'nginx[712]: upstream timed out (110) while reading "/api/report/{n}"',
    ),
    "db": (
        "postgres[633]: checkpoint complete: wrote {n} buffers (0.{n}%); write={n}.2 s",
        "postgres[640]: connection authorized: user=app database=orders",
        "postgres[641]: duration: {big} ms  statement: SELECT … FROM orders WHERE customer = ${n}",
        "postgres[629]: automatic vacuum of table “orders.public.items”: removed {n} tuples",
    ),
    "build": (
        "runner[820]: job {big}: compiling module {n} of 96",
        "runner[820]: job {big}: 1 warning: unused variable ‘größe’",
        "runner[820]: job {big}: {n} tests passed",
        "dockerd[744]: image layer sha256:{big}… pulled",
    ),
    "server": (
        "systemd[1]: Started session-{n}.scope - Session {n} of user dev.",
        "CRON[9{n}]: (root) CMD (run-parts /etc/cron.hourly)",
        "systemd-networkd[388]: eth0: DHCPv4 address renewed",
        "systemd[1]: logrotate.service: Deactivated successfully.",
        "kernel: audit: type=1400 apparmor=\"STATUS\" operation=\"profile_load\" pid={big}",
    ),
}  # fmt: skip


class SerialLog:
    """Lines are made when somebody reads, up to the moment asked for; the same for the same seed."""

    def __init__(self, name: str, persona: str, chance: Random, alive_since: float | None) -> None:
        self.generation = 0
        self._name = name
        self._lines = _WORK.get(persona, _WORK["server"])
        self._chance = chance
        self._data = bytearray()
        self._started = 0.0
        self._pending: list[tuple[float, str]] = []
        self._next_work: float | None = None
        if alive_since is not None:
            self.boot(alive_since)

    def boot(self, at: float) -> None:
        """The machine starts at this UNIX time."""
        self._started = at
        self._pending = [(at + after, text.format(name=self._name)) for after, text in _BOOT]
        self._next_work = at + _BOOT[-1][0] + 1

    def say(self, at: float, text: str) -> None:
        """Print one line now."""
        self._write(at, text)

    def halt(self, at: float, text: str) -> None:
        """The machine ends, with a last line; nothing comes until the next boot."""
        self.grow(at)
        self._pending = []
        self._next_work = None
        self._write(at, text)

    def grow(self, until: float) -> bytes:
        """All there is at a moment."""
        while self._pending and self._pending[0][0] <= until:
            self._write(*self._pending.pop(0))
        if self._next_work is not None and not self._pending:
            self._next_work = max(self._next_work, until - _PAST_SECONDS)
            while self._next_work <= until:
                self._write(self._next_work, self._work())
                self._next_work += self._chance.expovariate(1 / 2.5) + 0.05
        if len(self._data) > MOST_BYTES:
            del self._data[: self._data.find(b"\n", MOST_BYTES // 2) + 1]
            self.generation += 1
        return bytes(self._data)

    def _work(self) -> str:
        # The first lines of a persona are its daily bread, the last ones are rare.
        line = self._lines[int(len(self._lines) * self._chance.random() ** 1.7)]
        number, big = str(self._chance.randrange(2, 97)), str(self._chance.randrange(200, 80_000))
        return line.replace("{n}", number).replace("{big}", big)

    def _write(self, at: float, text: str) -> None:
        self._data += f"[{at - self._started:12.6f}] {text}\r\n".encode()
