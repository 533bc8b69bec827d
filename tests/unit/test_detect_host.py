"""Detection on a made-up desktop: right by file ownership, never fooled by names."""

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clonebox_tui.engine.detect import detect, to_wish
from clonebox_tui.engine.detect.detection import SOURCES
from clonebox_tui.engine.detect.host import Host
from clonebox_tui.engine.detect.items import item
from clonebox_tui.model.environment import (
    ApplicationFacts,
    Confidence,
    DetectedItem,
    DetectedKind,
    GuestUser,
    PackageFacts,
    PortFacts,
    PortWish,
    ProjectFacts,
    ServiceFacts,
)
from tests.unit.detect_host import make_host, write

Found = dict[str, DetectedItem]


@pytest.fixture
async def found(tmp_path: Path) -> Found:
    project = tmp_path / "home/mia/shop"
    project.mkdir(parents=True)
    return await detected(make_host(tmp_path / "root"), project)


async def detected(root: Path, directory: Path) -> Found:
    return {item.id: item async for item in detect(directory, {"HOME": "/home/mia"}, root=root)}


def names(found: Found, kind: DetectedKind) -> set[str]:
    return {item.name for item in found.values() if item.kind is kind}


async def test_applications_are_the_packages_that_own_the_running_files(found: Found) -> None:
    assert names(found, DetectedKind.APPLICATION) == {
        "nginx-core",
        "openssh-server",
        "gnome-online-accounts",
        "gnome-settings-daemon",
        "bash",
        "psql-tools",
        "postgresql-common",
    }


@pytest.mark.parametrize("wrong", ["golang-go", "screen", "openssh-client", "telnet"])
async def test_names_that_only_sound_alike_are_not_found(found: Found, wrong: str) -> None:
    assert wrong not in names(found, DetectedKind.APPLICATION)


async def test_processes_of_a_package_are_one_item_with_its_evidence(found: Found) -> None:
    item = found["application:nginx-core"]
    assert item.facts == ApplicationFacts("nginx-core", "/usr/sbin/nginx", (812, 813))
    assert item.evidence == "pid 812 /usr/sbin/nginx belongs to package nginx-core (dpkg), and 1 more"
    assert item.confidence is Confidence.HIGH


async def test_programs_that_only_came_along_are_not_chosen(found: Found) -> None:
    chosen = {
        item.name for item in found.values() if item.kind is DetectedKind.APPLICATION and item.suggested
    }
    assert chosen == {"openssh-server", "psql-tools"}


async def test_a_replaced_program_is_still_traced_and_said_to_be_replaced(found: Found) -> None:
    item = found["application:openssh-server"]
    assert "its file was replaced since it started" in item.evidence
    assert item.confidence is Confidence.MEDIUM


async def test_a_merged_usr_is_seen_through(found: Found) -> None:
    assert found["application:bash"].facts == ApplicationFacts("bash", "/usr/bin/bash", (1600,))
    assert not found["application:bash"].suggested


async def test_a_diverted_file_belongs_to_the_package_that_brought_it(found: Found) -> None:
    moved = ApplicationFacts("psql-tools", "/usr/bin/pg_config.libpq", (1800,))
    in_its_place = ApplicationFacts("postgresql-common", "/usr/bin/pg_config", (1801,))
    assert found["application:psql-tools"].facts == moved
    assert found["application:postgresql-common"].facts == in_its_place


async def test_enabled_services_are_found_and_the_machines_own_are_not(found: Found) -> None:
    services = names(found, DetectedKind.SERVICE)
    assert services == {"nginx", "ssh", "own", "postgres@15-main", "docker.socket", "exim4"}


async def test_a_service_names_the_package_a_person_would_install(found: Found) -> None:
    nginx = found["service:nginx"]
    link = "/etc/systemd/system/multi-user.target.wants/nginx.service"
    assert nginx.facts == ServiceFacts("nginx.service", "nginx", link, running=True)
    assert nginx.evidence == (
        f"enabled by {link}; running; "
        "/lib/systemd/system/nginx.service belongs to nginx-common, which nginx brings (dpkg)"
    )
    assert nginx.suggested
    ssh = found["service:ssh"].facts
    assert isinstance(ssh, ServiceFacts)
    assert (ssh.package, ssh.running) == ("openssh-server", True)


async def test_a_service_of_no_package_is_shown_and_not_chosen(found: Found) -> None:
    own = found["service:own"]
    assert not own.suggested
    assert own.confidence is Confidence.LOW
    assert "belongs to no package" in own.evidence


async def test_a_sysv_script_counts_only_where_no_unit_stands_for_it(found: Found) -> None:
    facts = found["service:exim4"].facts
    assert isinstance(facts, ServiceFacts)
    assert (facts.package, facts.enabled_by) == ("exim4", "/etc/rc3.d/S01exim4")


async def test_packages_are_those_asked_for_by_hand(found: Found) -> None:
    packages = names(found, DetectedKind.PACKAGE)
    assert {"nginx", "golang-go", "libpq5", "libpq-dev"} <= packages
    assert not packages & {"nginx-core", "nginx-common", "dash", "telnet", "gnome-online-accounts"}
    assert found["package:nginx"].facts == PackageFacts("1.22-1", "httpd", "optional", 102400)


async def test_base_and_library_packages_are_not_chosen_beforehand(found: Found) -> None:
    chosen = {item.name for item in found.values() if item.kind is DetectedKind.PACKAGE and item.suggested}
    assert {"nginx", "golang-go", "screen"} <= chosen
    assert not chosen & {"bash", "openssh-client", "libpq5", "libpq-dev"}


async def test_ports_come_with_process_unit_package_and_reach(found: Found) -> None:
    assert found["port:80/tcp"].facts == PortFacts(
        port=80,
        protocol="tcp",
        address="0.0.0.0",  # noqa: S104 - what a server on a workstation says
        family="ipv4",
        loopback=False,
        pid=812,
        process="nginx",
        unit="nginx.service",
        package="nginx-core",
    )
    assert found["port:80/tcp"].suggested
    assert "0.0.0.0:80, [::]:80" in found["port:80/tcp"].evidence
    postgres = found["port:5432/tcp"].facts
    assert isinstance(postgres, PortFacts)
    assert (postgres.loopback, postgres.process, postgres.package) == (True, "own-tool", "")


async def test_a_port_whose_owner_is_hidden_is_still_a_port(found: Found) -> None:
    item = found["port:631/tcp"]
    assert isinstance(item.facts, PortFacts)
    assert (item.facts.pid, item.facts.address, item.facts.family) == (None, "::1", "ipv6")
    assert item.confidence is Confidence.MEDIUM
    assert not item.suggested


async def test_udp_listeners_are_those_without_a_peer(found: Found) -> None:
    assert {name for name in names(found, DetectedKind.PORT) if "udp" in name} == {"5353/udp"}


async def test_the_folder_comes_chosen(found: Found, tmp_path: Path) -> None:
    item = found[f"project:{tmp_path}/home/mia/shop"]
    assert item.suggested
    assert item.evidence == "the folder that was asked for; no Git checkout"


async def test_what_is_chosen_becomes_a_wish(found: Found, tmp_path: Path) -> None:
    chosen = [found[key] for key in ("service:nginx", "port:80/tcp", "port:5432/tcp", "package:golang-go")]
    chosen += [item for item in found.values() if item.kind is DetectedKind.PROJECT]
    wish = to_wish(chosen, tmp_path / "home/mia/shop", user=GuestUser("mia", 1000))
    assert wish.name == "clone-shop"
    assert wish.packages == ("golang-go", "nginx")
    assert wish.services == ("nginx",)
    assert wish.ports == (PortWish(80, service="nginx"), PortWish(5432))
    assert [(share.host, share.guest) for share in wish.shares] == [
        (f"{tmp_path}/home/mia/shop", "/home/mia/shop")
    ]


async def test_a_project_inside_a_chosen_one_comes_with_it() -> None:
    inner, outer, other = (
        item(DetectedKind.PROJECT, path, "x", ProjectFacts(path))
        for path in ("/w/shop/api", "/w/shop", "/w/shopping")
    )
    wish = to_wish([inner, outer, other], Path("/w/shop"), user=GuestUser("mia", 1000))
    assert [share.host for share in wish.shares] == ["/w/shop", "/w/shopping"]


async def test_an_empty_host_yields_the_folder_and_says_what_is_missing(tmp_path: Path) -> None:
    found = await detected(tmp_path / "nothing", tmp_path)
    assert set(found) == {f"project:{tmp_path}", "notice:packages"}
    assert "no dpkg records" in found["notice:packages"].evidence


@pytest.mark.parametrize(
    "broken",
    [
        "var/lib/dpkg/status",
        "var/lib/dpkg/diversions",
        "proc/net/tcp",
        "proc/812/cgroup",
        "var/lib/apt/extended_states",
    ],
)
async def test_garbage_in_one_record_does_not_end_detection(tmp_path: Path, broken: str) -> None:
    root = make_host(tmp_path / "root")
    write(root / broken, "\x00\udcff garbage: \n\n:::\n0: zz\n".encode(errors="replace").decode())
    found = await detected(root, tmp_path)
    assert f"project:{tmp_path}" in found
    assert names(found, DetectedKind.SERVICE) >= {"nginx", "ssh"}


async def test_a_failing_source_becomes_a_notice_and_the_others_go_on(tmp_path: Path) -> None:
    def failing(host: Host) -> Iterator[DetectedItem]:
        raise OSError("the disk is on fire\x1b[2J")
        yield

    sources = (("odd", failing), *SOURCES)
    found = {item.id: item async for item in detect(tmp_path, {}, root=tmp_path / "none", sources=sources)}
    assert found["notice:odd"].evidence == "odd: failed: the disk is on fire?[2J"
    assert f"project:{tmp_path}" in found


async def test_closing_early_ends_it(tmp_path: Path) -> None:
    def endless(host: Host) -> Iterator[DetectedItem]:
        item = next(iter(SOURCES[0][1](host)))
        while True:
            yield item

    stream = detect(tmp_path, {}, root=tmp_path / "none", sources=(("endless", endless),))
    first = await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    assert first.name == str(tmp_path)
    deadline = time.monotonic() + 60
    while any(thread.name == "detect-endless" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "the source still runs"
        await asyncio.sleep(0.01)
