"""Only Debian's own archives reach an image, and no credential is kept."""

from pathlib import Path

import msgspec

from clonebox_tui.engine.images.aptconf import guest_lines, secrets
from clonebox_tui.engine.images.recipe import Recipe
from clonebox_tui.engine.images.sources import Source, debian_sources

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_DEB822 = f"""# comment
Types: deb
URIs: http://user:s3cret@mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
# in between
Signed-By: {_KEYRING}

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: https://third.example/node
Suites: nodistro
Components: main
Signed-By: /usr/share/keyrings/node.gpg

Types: deb
URIs: https://third.example/db
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 -----END PGP PUBLIC KEY BLOCK-----
"""
_ONE_LINE = f"""
deb [arch=amd64 signed-by={_KEYRING}] http://security.example/debian-security bookworm-security main # why
# deb http://commented.example/debian bookworm main
deb https://cloud.example/apt cloud-sdk-bookworm main
deb https://docker.example/linux bookworm stable
deb cdrom:[Debian]/ bookworm main
"""


def _etc_apt(folder: Path) -> Path:
    parts = folder / "sources.list.d"
    parts.mkdir()
    (folder / "sources.list").write_text(_ONE_LINE)
    (parts / "debian.sources").write_text(_DEB822)
    (parts / "debian.sources.bak").write_text(
        "Types: deb\nURIs: http://bak\nSuites: bookworm\nComponents: main"
    )
    return folder


def test_both_formats_without_third_parties(tmp_path: Path) -> None:
    found = debian_sources("bookworm", "bookworm", _etc_apt(tmp_path))
    assert found == (
        Source("http://security.example/debian-security", ("bookworm-security",), ("main",), _KEYRING),
        Source(
            "http://user:s3cret@mirror.example/debian",
            ("bookworm", "bookworm-updates"),
            ("main", "contrib"),
            _KEYRING,
        ),
    )


def test_another_suite_keeps_the_pockets(tmp_path: Path) -> None:
    found = debian_sources("trixie", "bookworm", _etc_apt(tmp_path))
    assert [source.suites for source in found] == [("trixie-security",), ("trixie", "trixie-updates")]


def test_a_mirror_list_is_followed(tmp_path: Path) -> None:
    (tmp_path / "mirrors").write_text(
        "# first\nhttp://near.example/debian priority:1\nhttp://far.example/debian\n"
    )
    (tmp_path / "sources.list").write_text(f"deb mirror+file:{tmp_path}/mirrors bookworm main\n")
    assert [source.uri for source in debian_sources("bookworm", "bookworm", tmp_path)] == [
        "http://near.example/debian"
    ]


def test_credentials_stay_out_of_what_is_kept_and_of_the_name(tmp_path: Path) -> None:
    recipe = Recipe("bookworm", "amd64", debian_sources("bookworm", "bookworm", _etc_apt(tmp_path)))
    assert b"s3cret" not in msgspec.json.encode(recipe.public_sources)
    assert any("s3cret" in source.secrets for source in recipe.sources)
    public = msgspec.structs.replace(recipe, sources=recipe.public_sources)
    assert public.name == recipe.name


def test_the_name_follows_the_inputs() -> None:
    sources = (Source("http://mirror.example/debian", ("bookworm",), ("main",)),)
    plain = Recipe("bookworm", "amd64", sources)
    assert plain.name.startswith("debian-bookworm-amd64-")
    assert Recipe("bookworm", "amd64", sources, ("git", "curl")).name != plain.name
    assert (
        Recipe("bookworm", "amd64", sources, ("git", "curl")).name
        == Recipe("bookworm", "amd64", sources, ("curl", "git", "git")).name
    )


def test_a_guest_gets_only_proxies_that_mean_something_there() -> None:
    lines = (
        'Acquire::http::Proxy "http://me:pw@proxy.example:3128";',
        'Acquire::https::Proxy "http://127.0.0.1:3142";',
        'Acquire::http::Proxy "http://proxy.example:3128";',
        'Acquire::Check-Valid-Until "false";',
    )
    assert guest_lines(lines) == "".join(f"{line}\n" for line in lines[2:])
    assert secrets(lines) == ("me:pw",)
