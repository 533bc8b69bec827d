"""The JSON of every noun has exactly the documented keys: scripts build on them."""

import time

import pytest

from clonebox_tui.model.problem import Code
from tests.cli.shell import Shell

MACHINE = {
    *("id", "name", "state", "connection", "uuid", "vcpus", "memory_bytes", "agent", "managed"),
    *("persistent", "autostart", "saved", "started_at", "tags", "group", "note", "trouble"),
}
DETAILS = {
    *("machine", "addresses", "disks", "shares", "forwards", "networks", "user", "image", "folder"),
    *("packages", "services", "ports", "log_sources", "accelerator", "key_path", "known_hosts_path"),
    *("definition", "state_reason", "disk_errors", "needs"),
}
SNAPSHOT = {
    *("name", "created_at", "parent", "description", "current", "memory", "storage", "safety", "size_bytes"),
}
JOB = {
    *("id", "act", "title", "state", "created_at", "machine", "name", "started_at", "ended_at", "steps"),
    *("progress", "problem", "result", "note"),
}
PLAN = {
    *("act", "title", "steps", "fingerprint", "machine", "name", "bytes_needed", "downtime_seconds"),
    *("destructive", "reversible", "undo", "confirm", "warnings", "notes"),
}
SAMPLE_OF_MACHINE = {
    *("name", "state", "id", "cpu_percent", "memory_used_bytes", "memory_total_bytes", "disk_read_rate"),
    *("disk_write_rate", "net_rx_rate", "net_tx_rate"),
}
HOST = {
    *("accelerator", "accelerator_reason", "cpus", "memory_bytes", "memory_available_bytes"),
    "disk_free_bytes",
}
CONNECTION = {
    *("uri", "label", "link", "since", "provider", "hypervisor", "host", "problem", "retry_at", "attempt"),
    *("capabilities", "machines", "kept"),
}
WORKER = {
    *("version", "pid", "started_at", "clients", "jobs_running", "socket", "state_dir", "log_file"),
    "rss_bytes",
}
DIFFERENCE = {
    *("machine", "before", "after", "source", "paths", "files", "packages", "services", "users"),
    *("used_before_bytes", "used_after_bytes", "truncated", "notes"),
}
RESULT = {"machine", "stdout", "stderr", "guest_exit_code", "timed_out", "truncated", "problem"}
KEYS = {
    "list": ("machines", MACHINE),
    "tag web-dev": ("machines", MACHINE),
    "tag web-dev +kept": ("jobs", JOB),
    "show web-dev": ("machines", DETAILS),
    "snapshot list web-dev": ("snapshots", SNAPSHOT),
    "snapshot show web-dev base": ("snapshots", SNAPSHOT),
    "snapshot tree web-dev": ("branches", {"snapshot", "rails", "depth"}),
    "snapshot create web-dev --name k --plan": ("plans", PLAN),
    "snapshot diff web-dev base": ("differences", DIFFERENCE),
    "snapshot cat web-dev base /etc/hostname": (
        "files",
        {"content", "mode", "uid", "gid", "size", "truncated"},
    ),
    "fork web-dev --name other --plan": ("plans", PLAN),
    "delete web-dev --plan": ("plans", PLAN),
    "pause web-dev": ("jobs", JOB),
    "detect .": (
        "items",
        {"id", "kind", "name", "evidence", "confidence", "facts", "suggested", "secret", "held_back"},
    ),
    "logs api": ("lines", {"text", "time", "source"}),
    "monitor api --samples 1": ("samples", {"time", "machines"}),
    "connection list": ("connections", CONNECTION),
    "worker status": ("workers", WORKER),
    "exec api -- true": ("results", RESULT),
}


@pytest.mark.parametrize("line", KEYS)
def test_keys_are_the_documented_ones(line: str, demo: Shell) -> None:
    key, fields = KEYS[line]
    words = line.split()
    if words[0] == "worker":
        demo("list")  # asking for its status starts none
    # Behind the first word, since what follows -- is the guest's.
    said = demo(words[0], *(["--json", *words[1:]] if words[0] == "exec" else [*words[1:], "--json"]))
    assert said.code == 0
    records = said.records(key)
    assert records
    assert all(set(record) == fields for record in records)


def test_jobs_listed_shown_and_waited_for_look_alike(demo: Shell) -> None:
    started = demo("start", "scratch", "--no-wait", "--json").records("jobs")[0]
    waited = demo("job", "wait", str(started["id"]), "--json").records("jobs")[0]
    shown = demo("job", "show", str(started["id"])[:6], "--json").records("jobs")[0]
    listed = next(
        each for each in demo("job", "list", "--json").records("jobs") if each["id"] == started["id"]
    )
    assert set(started) == JOB
    assert waited == shown == listed
    assert waited["state"] == "succeeded"
    assert str(waited["created_at"]).startswith(time.strftime("%Y-", time.gmtime()))
    log = demo("job", "log", str(started["id"]), "--json").records("lines")
    assert all(set(line) == {"text", "time", "source"} for line in log)


def test_checks_have_the_host_beside_them(demo: Shell) -> None:
    document = demo("doctor", "--json").document()
    assert set(document) == {"checks", "host"}
    assert all(
        set(each) == {"name", "state", "found", "fix", "package", "fixable"} for each in document["checks"]
    )
    assert set(document["host"]) >= HOST


@pytest.mark.slow
def test_samples_carry_every_figure(demo: Shell) -> None:
    samples = demo("monitor", "build", "--samples", "2", "--json").records("samples")
    assert len(samples) == 2
    for sample in samples:
        machines = sample["machines"]
        assert isinstance(machines, list)
        (machine,) = machines
        assert set(machine) == SAMPLE_OF_MACHINE
        assert machine["name"] == "build"
        assert 0 <= machine["cpu_percent"] <= 100
        assert machine["disk_read_rate"] is not None


def test_samples_of_the_host_have_the_same_figures(demo: Shell) -> None:
    (sample,) = demo("monitor", "--host", "--samples", "1", "--json").records("samples")
    (host,) = sample["hosts"]  # type: ignore[misc]
    assert set(host) == (SAMPLE_OF_MACHINE - {"name", "state", "id"}) | {"connection"}
    assert 0 <= host["cpu_percent"] <= 100
    assert host["memory_used_bytes"] < host["memory_total_bytes"]
    assert None not in host.values()


def test_a_job_is_done_again_in_the_world_as_it_is_now(demo: Shell) -> None:
    (paused,) = demo("pause", "metrics", "--json").records("jobs")
    again = ("job", "rerun", str(paused["id"]), "--json")
    assert demo(*again).code == 4
    demo("resume", "metrics")
    (plan,) = demo(*again, "--plan").records("plans")
    assert plan["act"] == "machine.pause"
    (other,) = demo(*again).records("jobs")
    assert (other["act"], other["state"]) == ("machine.pause", "succeeded")
    assert other["id"] != paused["id"]
    demo("resume", "metrics")


def test_faults_say_where(demo: Shell) -> None:
    file = demo.root / "faulty.yaml"
    file.write_text("version: '1'\nvm:\n  ram_mb: lots\nprts: []\n")
    said = demo("config", "check", str(file), "--json")
    assert said.code == 5
    faults = said.records("faults")
    assert {(each["level"], each["line"], each["path"]) for each in faults} == {
        ("error", 3, "vm.ram_mb"),
        ("warning", 4, "prts"),
    }
    keys = {"level", "line", "column", "path", "message", "hint", "source"}
    assert all(set(each) == keys for each in faults)


def test_problems_are_json_on_standard_error(demo: Shell) -> None:
    said = demo("show", "web-de", "--json")
    assert not said.stdout
    problem = said.problem()
    assert set(problem) == {"code", "what", "why", "next", "details"}
    assert problem["code"] == Code.MACHINE_NOT_FOUND
    assert problem["details"] == ["web-dev"]
    assert problem["next"]
