"""The folder and the checkouts around it: right facts, no credentials, bounded work, secrets held back."""

import os
from pathlib import Path

import pytest

from clonebox_tui.engine.detect.choosing import shares_for
from clonebox_tui.engine.detect.folders import measure
from clonebox_tui.engine.detect.git import parse_head, parse_remote, read_checkout, without_credentials
from clonebox_tui.engine.detect.host import Host
from clonebox_tui.engine.detect.projects import MAX_PROJECTS, find_projects
from clonebox_tui.model.environment import DetectedItem, DetectedKind, ProjectFacts, ShareWish
from tests.unit.detect_host import write

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def checkout(folder: Path, head: str = "ref: refs/heads/main\n", remote: str = "") -> Path:
    write(folder / ".git/HEAD", head)
    write(
        folder / ".git/config",
        f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {remote}\n' if remote else "",
    )
    return folder


def projects(folder: Path, home: Path = Path("/home/nobody")) -> dict[str, DetectedItem]:
    found = list(find_projects(Host(folder, {"HOME": str(home)})))
    return {item.name: item for item in found}


def facts_of(item: DetectedItem) -> ProjectFacts:
    assert isinstance(item.facts, ProjectFacts)
    return item.facts


def test_branch_remote_and_size_of_the_folder(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "shop", remote="https://mia:t0ken@git.example.test/shop.git")
    write(folder / "big", "x" * 100_000)
    item = projects(folder)[str(folder)]
    facts = facts_of(item)
    assert (facts.is_git, facts.branch, facts.remote) == (True, "main", "https://git.example.test/shop.git")
    assert facts.size_bytes >= 100_000
    assert not facts.size_is_minimum
    assert item.suggested
    assert "t0ken" not in repr(item)
    assert item.evidence.endswith("is a checkout on main of https://git.example.test/shop.git")


def test_checkouts_around_are_found_and_none_of_them_is_chosen(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    folder = work / "shop"
    for place in (
        folder / "api",
        folder / "libs/core",
        work / "site",
        folder / "a/b/too-deep",
        tmp_path / "far/off",
    ):
        checkout(place)
    found = projects(folder)
    assert set(found) == {
        str(path) for path in (folder, work, folder / "api", folder / "libs/core", work / "site")
    }
    assert [item.name for item in found.values() if item.suggested] == [str(folder)]
    assert found[str(work / "site")].evidence.startswith("beside shop; ")
    assert found[str(work)].evidence.startswith("it holds shop; ")


def test_links_are_not_followed(tmp_path: Path) -> None:
    checkout(tmp_path / "elsewhere/repo")
    folder = tmp_path / "x/shop"
    folder.mkdir(parents=True)
    (folder / "loop").symlink_to(folder)
    (folder / "repo").symlink_to(tmp_path / "elsewhere/repo")
    assert set(projects(folder)) == {str(folder)}


def test_very_many_checkouts_are_cut_off_and_it_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    for number in range(MAX_PROJECTS + 5):
        checkout(folder / f"p{number:03}")
    found = projects(folder)
    assert len([item for item in found.values() if item.kind is DetectedKind.PROJECT]) == MAX_PROJECTS + 1
    assert "more than 40 projects" in found["projects"].evidence


def test_looking_around_ends_after_its_time_and_says_so(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "x/shop")
    checkout(folder / "inner")
    found = list(find_projects(Host(folder, {}), max_seconds=0))
    assert [item.name for item in found] == [str(folder), "projects"]
    assert "stopped looking around" in found[1].evidence


def test_a_name_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    checkout(tmp_path / "x/shop")
    checkout(tmp_path / "x/shop" / os.fsdecode(b"\xff"))
    assert set(projects(tmp_path / "x/shop")) == {str(tmp_path / "x/shop")}


@pytest.mark.parametrize(("inside", "reason"), [(".ssh", "it holds .ssh"), ("", "the whole home folder")])
def test_a_home_folder_is_held_back(tmp_path: Path, inside: str, reason: str) -> None:
    home = tmp_path / "mia"
    (home / inside).mkdir(parents=True)
    item = projects(home, home)[str(home)]
    assert item.secret
    assert not item.suggested
    assert reason in item.held_back


def test_a_folder_of_keys_is_held_back(tmp_path: Path) -> None:
    (tmp_path / ".gnupg").mkdir()
    assert projects(tmp_path / ".gnupg")[str(tmp_path / ".gnupg")].secret


def test_what_is_no_folder_is_said(tmp_path: Path) -> None:
    (item,) = projects(tmp_path / "gone").values()
    assert (item.kind, "is not a folder" in item.evidence) == (DetectedKind.NOTICE, True)


def test_measuring_is_bounded_and_then_a_lower_bound(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"f{number}").write_bytes(b"x" * 8192)
    os.link(tmp_path / "f0", tmp_path / "again")
    everything, some = measure(tmp_path), measure(tmp_path, max_entries=5)
    assert not everything.is_minimum
    assert 20 * 8192 <= everything.size_bytes < 21 * 8192
    assert some.is_minimum
    assert some.size_bytes < everything.size_bytes


def test_worktrees_and_submodules_are_checkouts(tmp_path: Path) -> None:
    main = checkout(tmp_path / "main", remote="git@git.example.test:mia/shop.git")
    write(main / ".git/worktrees/fix/HEAD", "ref: refs/heads/fix/one\n")
    write(main / ".git/worktrees/fix/commondir", "../..\n")
    write(tmp_path / "fix/.git", f"gitdir: {main}/.git/worktrees/fix\n")
    found = read_checkout(tmp_path / "fix")
    assert found is not None
    assert (found.branch, found.remote) == ("fix/one", "git@git.example.test:mia/shop.git")
    write(tmp_path / "sub/.git", "gitdir: ../nowhere\n")
    assert read_checkout(tmp_path / "sub") is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:secret@host.test/a.git", "https://host.test/a.git"),
        ("https://ghp_token@host.test/a.git", "https://host.test/a.git"),
        ("https://host.test:8443/a.git?token=secret#x", "https://host.test:8443/a.git"),
        ("ssh://git:secret@host.test:22/a.git", "ssh://git@host.test:22/a.git"),
        ("ssh://git@[::1]/a.git", "ssh://git@[::1]/a.git"),
        ("git@host.test:a/b.git", "git@host.test:a/b.git"),
        ("user:secret@host.test:a/b.git", "user@host.test:a/b.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
        ("https://[bad/a", ""),
        ("https://host.test:port/a", ""),
    ],
)
def test_remotes_lose_their_credentials(url: str, expected: str) -> None:
    assert without_credentials(url) == expected


@pytest.mark.parametrize(
    ("text", "branch"),
    [("ref: refs/heads/a/b\n", "a/b"), (f"{COMMIT}\n", "0123456789ab"), ("junk", ""), ("", "")],
)
def test_heads(text: str, branch: str) -> None:
    assert parse_head(text) == branch


def test_origin_wins_over_other_remotes() -> None:
    config = '[remote "up"]\n url = up\n[branch "x"]\n url = no\n[remote "origin"]\n\turl = "mine"\n'
    assert parse_remote(config) == "mine"
    assert parse_remote('[remote "up"]\n url = up\n') == "up"
    assert parse_remote("[core]\n") == ""


def test_two_folders_of_one_name_get_places_of_their_own() -> None:
    assert shares_for(["/a/shop", "/b/shop", "/c/Über uns"], "mia") == (
        ShareWish("/a/shop", "/home/mia/shop"),
        ShareWish("/b/shop", "/home/mia/shop-2"),
        ShareWish("/c/Über uns", "/home/mia/Über uns"),
    )
