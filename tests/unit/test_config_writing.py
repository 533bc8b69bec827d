"""What we write loads as it was meant, without a word of complaint, and a person's comments stay."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clonebox_tui import config
from clonebox_tui.config import REMOVE, Request
from clonebox_tui.config.document import parse
from clonebox_tui.config.faults import FaultList
from clonebox_tui.model.environment import (
    GIBIBYTE,
    MEBIBYTE,
    Accel,
    ApplicationFacts,
    Confidence,
    DetectedItem,
    DetectedKind,
    MachineWish,
    NetworkMode,
    PackageFacts,
    PortFacts,
    PortWish,
    ServiceFacts,
    ShareWish,
)
from clonebox_tui.model.problem import Code, ProblemError

SAMPLES = Path(__file__).parent.parent / "samples" / "config"

_words = st.text(st.sampled_from("abz 'Üß\"$#:{}-\\%&*!|>@`é,[]~=日"), min_size=1, max_size=12)
_segments = _words.filter(lambda text: text not in (".", "..") and "/" not in text)
_host_paths = st.lists(_segments, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
_guest_paths = _segments.map(lambda name: f"/mnt/{name}")
_commands = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters="\n\t"),
    min_size=1,
    max_size=40,
).filter(str.strip)
_packages = st.from_regex(r"[a-z0-9][a-z0-9+.-]{1,12}", fullmatch=True)
_units = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9:_.@-]{0,12}", fullmatch=True).filter(
    lambda n: "service" not in n
)
_shares = st.lists(
    st.builds(ShareWish, _host_paths, _guest_paths, st.booleans()),
    max_size=4,
    unique_by=lambda share: share.guest,
)
_ports = st.lists(
    st.builds(
        PortWish,
        st.integers(1, 65535),
        st.none() | st.integers(1, 65535),
        st.sampled_from(["tcp", "udp"]),
        st.sampled_from(["127.0.0.1", "192.0.2.1", "::1"]),
        st.just("") | _units,
    ),
    max_size=3,
    unique_by=(lambda port: port.guest, lambda port: port.host or -port.guest),
)
_wishes = st.builds(
    MachineWish,
    name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True),
    vcpus=st.integers(1, 512),
    memory_bytes=st.integers(128, 1_000_000).map(lambda mebibytes: mebibytes * MEBIBYTE),
    disk_bytes=st.integers(1, 60_000).map(lambda gibibytes: gibibytes * GIBIBYTE),
    username=st.from_regex(r"[a-z_][a-z0-9_-]{0,31}", fullmatch=True),
    uid=st.integers(1, 2147483646),
    base_image=st.none() | st.from_regex(r"[a-z0-9$]{1,9}", fullmatch=True) | _host_paths,
    accel=st.sampled_from(Accel),
    network=st.sampled_from(NetworkMode),
    connection=st.none() | st.just("qemu:///session"),
    shares=_shares.map(tuple),
    packages=st.lists(_packages, max_size=4, unique=True).map(tuple),
    services=st.lists(_units, max_size=4, unique=True).map(tuple),
    ports=_ports.map(tuple),
    post_commands=st.lists(_commands, max_size=3).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(_wishes)
def test_what_is_written_loads_as_the_same_wish(wish: MachineWish) -> None:
    text = config.render(wish)
    loaded = config.load_text(Path("/nowhere/.clonebox.yaml"), text, Request({"HOME": "/home/x"}))
    assert loaded.wish == wish


def wish(**changes: object) -> MachineWish:
    fields: dict[str, object] = {
        "name": "clone-shop", "vcpus": 2, "memory_bytes": 2 * GIBIBYTE, "disk_bytes": 20 * GIBIBYTE,
        "username": "mia", "uid": 1000,
    }  # fmt: skip
    return MachineWish(**{**fields, **changes})  # type: ignore[arg-type]


def detected(kind: DetectedKind, name: str, evidence: str, facts: object) -> DetectedItem:
    return DetectedItem(f"{kind}:{name}", kind, name, evidence, Confidence.HIGH, facts)  # type: ignore[arg-type]


ITEMS = (
    detected(DetectedKind.PACKAGE, "jq", "x", PackageFacts("1.6-2.1")),
    detected(DetectedKind.SERVICE, "nginx", "x", ServiceFacts("nginx.service", "nginx", "/etc/x", True)),
    detected(
        DetectedKind.APPLICATION,
        "redis",
        "pid 9 # \x1b[2J\nruns",
        ApplicationFacts("redis-server", "/usr/bin/r"),
    ),
    detected(DetectedKind.PORT, "80/tcp", "pid 8 listens", PortFacts(80, "tcp", "192.0.2.1", "ipv4", False)),
)


def test_a_new_file_is_tidy_and_shows_why_each_thing_is_in_it(tmp_path: Path) -> None:
    chosen = wish(
        shares=(ShareWish(str(tmp_path), "/home/mia/shop"),),
        packages=("jq", "nginx", "redis-server"),
        services=("nginx",),
        ports=(PortWish(80), PortWish(443, service="nginx")),
        post_commands=("echo ${HOME}\nls",),
    )
    text = config.render(chosen, ITEMS)
    assert "  - jq            # 1.6-2.1, installed by hand\n" in text
    assert "  - nginx         # for the service nginx\n" in text
    assert "  - nginx  # enabled, running, of package nginx\n" in text
    assert "  - redis-server  # pid 9 # [2J runs\n" in text
    assert "  - 80  # pid 8 listens\n" in text
    assert "\x1b" not in text
    assert text.index("\nvm:") < text.index("\npaths:") < text.index("\npackages:") < text.index("\nports:")
    loaded = config.load_text(tmp_path / ".clonebox.yaml", text, Request({}))
    assert (loaded.wish, loaded.faults) == (chosen, ())


def test_sizes_are_rounded_up_to_what_the_file_can_say() -> None:
    text = config.render(wish(memory_bytes=GIBIBYTE + 1, disk_bytes=GIBIBYTE + 1))
    assert "ram_mb: 1025\n" in text
    assert "disk_size_gb: 2\n" in text


def test_a_path_that_is_not_unicode_is_refused_in_words() -> None:
    with pytest.raises(ProblemError) as caught:
        config.render(wish(shares=(ShareWish("/srv/\udcff", "/mnt/a"),)))
    assert caught.value.problem.code is Code.CONFIG_INVALID
    assert "not Unicode" in caught.value.problem.what


def edited(text: str, **changes: object) -> str:
    document = parse(Path("/x/.clonebox.yaml"), text, FaultList())
    return config.edit(document, {key.replace("__", "."): value for key, value in changes.items()})


def test_an_edit_changes_one_line_and_keeps_every_other() -> None:
    before = (SAMPLES / "10-comments-and-order.yaml").read_text()
    after = edited(before, vm__vcpus=6)
    assert after == before.replace("vcpus: 2", "vcpus: 6")


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("0*.yaml")), ids=lambda path: path.stem)
def test_an_edit_keeps_every_comment_of_every_sample(path: Path) -> None:
    before = path.read_text()
    after = edited(before, vm__accel="kvm")
    comments = [
        line[line.index("#") :].rstrip() for line in before.splitlines() if line.lstrip().startswith("#")
    ]
    assert all(comment in after for comment in comments)
    environment = {"HOME": "/h", "RAM": "512", "PROJECTS": "/p", "GUEST": "g"}
    assert config.load_text(path, after, Request(environment)).wish.accel is Accel.KVM


def test_edits_add_remove_and_append() -> None:
    text = "# top\nvm:\n  name: a  # its name\n  vcpus: 2\npackages:\n- git\n# end\n"
    after = edited(text, vm__ram_mb=1024, vm__vcpus=REMOVE, packages__1="vim", services=["nginx"])
    assert after.startswith("# top\nvm:\n  name: a  # its name\n")
    assert "vcpus" not in after
    assert "- git\n- vim\n" in after.replace("# end\n", "")
    assert "# end" in after
    wish_after = config.load_text(Path("/x/c.yaml"), after, Request({})).wish
    assert (wish_after.memory_bytes, wish_after.packages, wish_after.services) == (
        GIBIBYTE,
        ("git", "vim"),
        ("nginx",),
    )


def test_an_edit_of_a_flat_file_stays_flat() -> None:
    assert edited("name: a # keep\nram_mb: 512\n", vm__name="b") == "name: b # keep\nram_mb: 512\n"


def test_an_edit_of_nothing_starts_a_file() -> None:
    assert edited("", vm__name="b") == "vm:\n  name: b\n"


def test_an_edit_without_a_place_is_refused() -> None:
    with pytest.raises(ProblemError) as caught:
        edited("packages: [git]\n", packages__7="vim")
    assert "packages.7 has no place" in caught.value.problem.what
