"""Makes a fork somebody else, from within: its guest is told its name, and forgets whose copy it is.

By the agent and not by cloud-init: it takes seconds instead of a second first boot, works in guests without
cloud-init, and leaves no seed behind. The guest makes its SSH host key itself: it never leaves the guest.
"""

from pathlib import Path

from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.clone import blueprint, keys
from clonebox_tui.engine.clone.seed import host_name
from clonebox_tui.engine.fork.drawing import fresh_machine_id
from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.spec import MachineSpec

BOOTED_SECONDS = 600.0
"""How long systemd may take to say that all is started."""
_BOOTED = "command -v systemctl >/dev/null && systemctl is-system-running --wait >/dev/null 2>&1; exit 0"
IDENTITY_SECONDS = 300.0
"""An emulated guest makes keys slowly."""

SCRIPT = """\
# $1: a root folder (empty in a guest), $2: host name, $3: machine id, $4: instance id,
# $5: the user who logs in, $6: that user's new public key, $7: the one that goes.
root=$1 lacks=0
complain() { echo "lacking: $*"; lacks=1; }
old=$(cat "$root/etc/hostname" 2>/dev/null)
if [ -d "$root/etc" ]; then
    echo "$2" >"$root/etc/hostname" || complain "the host name"
    if [ -f "$root/etc/hosts" ] && [ -n "$old" ]; then
        sed -i "s/^\\(127\\.0\\.1\\.1[[:space:]]\\).*/\\1$2/" "$root/etc/hosts"
    fi
fi
[ -n "$root" ] || hostname "$2" || complain "the host name"
if [ -f "$root/etc/machine-id" ]; then
    echo "$3" >"$root/etc/machine-id" || complain "the machine id"
    if [ -f "$root/var/lib/dbus/machine-id" ] && [ ! -L "$root/var/lib/dbus/machine-id" ]; then
        echo "$3" >"$root/var/lib/dbus/machine-id"
    fi
fi
if [ -f "$root/var/lib/cloud/data/instance-id" ]; then
    echo "$4" >"$root/var/lib/cloud/data/instance-id"
fi
if [ -d "$root/etc/ssh" ] && command -v ssh-keygen >/dev/null 2>&1; then
    rm -f "$root"/etc/ssh/ssh_host_*
    key=$root/etc/ssh/ssh_host_ed25519_key
    ssh-keygen -q -t ed25519 -N "" -C "host@$2" -f "$key" </dev/null >/dev/null || complain "an SSH host key"
    for unit in ssh.service sshd.service; do
        [ -n "$root" ] || systemctl try-restart $unit >/dev/null 2>&1
    done
fi
if [ -n "$5" ] && [ -n "$6" ]; then
    home=$(awk -F: -v user="$5" '$1 == user { print $6 }' "$root/etc/passwd" 2>/dev/null)
    if [ -n "$home" ]; then
        keys=$root$home/.ssh/authorized_keys
        mkdir -p "$root$home/.ssh" && chmod 700 "$root$home/.ssh"
        { [ -f "$keys" ] && grep -vxF -e "$7" -e "$6" "$keys"; echo "$6"; } >"$keys.new"
        if mv "$keys.new" "$keys"; then
            chmod 600 "$keys"
            [ -n "$root" ] || chown -R "$5:" "$home/.ssh"
        else
            complain "the key of $5"
        fi
    fi
fi
sync
exit $lacks
"""


async def booted(agent: Agent) -> None:
    """Return when the guest has started everything: what is asked of it earlier meets it half dressed."""
    await execution.run(agent, ["sh", "-c", _BOOTED], timeout_seconds=BOOTED_SECONDS)


async def become(agent: Agent, spec: MachineSpec, former_key: str, run: StepRun) -> tuple[str, ...]:
    """Give the guest its own identity; a sentence for each part that it refused. GUEST_ERROR when it could
    not even be asked."""
    public = _public_key(spec)
    words = ["", host_name(spec.name), fresh_machine_id(), spec.uuid, spec.user, public, former_key or public]
    done = await execution.run(
        agent, ["sh", "-c", SCRIPT, "identity", *words], timeout_seconds=IDENTITY_SECONDS
    )
    lacks = [
        line.removeprefix("lacking: ") for line in done.text.splitlines() if line.startswith("lacking: ")
    ]
    if done.exit_code not in (0, 1) or (done.exit_code == 1 and not lacks):
        raise problem(
            Code.GUEST_ERROR,
            f"{spec.name} could not be given an identity of its own.",
            why=done.complaint,
            next="Look at the job's log; forking again is safe.",
        )
    run.log(f"{spec.name} has a name, keys and ids of its own.")
    return tuple(f"identity {spec.name}: {lack}" for lack in lacks)


async def pin(agent: Agent, spec: MachineSpec) -> str:
    """The line of known_hosts that pins the guest's own host key; empty for a guest that has none."""
    path = "/etc/ssh/ssh_host_ed25519_key.pub"
    found = await execution.run(agent, ["cat", path])
    words = found.text.split()
    if found.exit_code or len(words) < 2 or not words[0].startswith("ssh-"):
        return ""
    return keys.known_hosts_line(" ".join(words[:2]), spec.name, blueprint.ssh_port(spec))


def public_key_of(key_path: str) -> str:
    """The public half of a machine's login key, as it stands in its user's authorized_keys."""
    try:
        return Path(f"{key_path}.pub").read_text().strip() if key_path else ""
    except OSError:
        return ""


def _public_key(spec: MachineSpec) -> str:
    return public_key_of(spec.key_path)
