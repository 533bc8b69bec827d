"""One suite for every provider: where it runs, and the table of what each of them does at its end."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.contract.sites import Place, Site, open_place, qemu_site, simulated_site, test_driver_site
from tests.guests import domain as domains

_PROVIDERS = ("simulated", "test", pytest.param("qemu", marks=pytest.mark.qemu))


def pytest_configure(config: pytest.Config) -> None:
    """Tests say which act of the protocol they prove."""
    config.addinivalue_line("markers", "act(name): the act of the provider protocol that a test proves")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Write provider and act into the report, where they survive the way from another test process."""
    for item in items:
        act = item.get_closest_marker("act")
        if act is not None and isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            item.user_properties.append(("contract", [act.args[0], item.callspec.params["site"]]))


@pytest.fixture(params=_PROVIDERS)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A kind of provider, and how to make machines there; they are all removed afterwards."""
    if request.param == "simulated":
        yield simulated_site()
    elif request.param == "test":
        yield test_driver_site()
    else:
        connection = request.getfixturevalue("system_libvirt")
        parts = [request.getfixturevalue(name) for name in ("micro_guest", "micro_disk", "machine_folder")]
        made = qemu_site(*parts)
        yield made
        for name in made.names:
            domains.remove(connection, name)


@pytest.fixture
async def place(site: Site) -> AsyncIterator[Place]:
    """The site's provider, opened and listened to."""
    async with open_place(site) as opened:
        yield opened


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print acts × providers: ok, not offered (and why), or failed."""
    cells = _cells(terminalreporter)
    if not cells:
        return
    providers = sorted({provider for _, provider in cells})
    width = max(len(act) for act, _ in cells)
    terminalreporter.section("provider contract")
    terminalreporter.line(" ".join([" " * width, *(f"{provider:12}" for provider in providers)]))
    for act in sorted({act for act, _ in cells}):
        words = [cells.get((act, provider), ("-", ""))[0] for provider in providers]
        terminalreporter.line(" ".join([f"{act:{width}}", *(f"{word:12}" for word in words)]))
    for (act, provider), (word, reason) in sorted(cells.items()):
        if reason:
            terminalreporter.line(f"{act}, {provider}: {word}: {reason}")


def _cells(reporter: pytest.TerminalReporter) -> dict[tuple[str, str], tuple[str, str]]:
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for outcome, word in (
        ("passed", "ok"),
        ("skipped", "not offered"),
        ("failed", "FAILED"),
        ("error", "ERROR"),
    ):
        for report in reporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", ()):
                if name == "contract" and (outcome != "passed" or report.when == "call"):
                    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
                    known = found.get(tuple(value))
                    if known is None or outcome != "skipped":
                        found[tuple(value)] = (word, reason.removeprefix("Skipped: not offered: "))
    return found
