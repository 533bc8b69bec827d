"""The seed says exactly what was meant, whatever text is in it, and only its owner can read it."""

import io
import stat
from pathlib import Path

import msgspec
import pycdlib
import yaml
from cryptography.hazmat.primitives.serialization import load_ssh_private_key, load_ssh_public_key
from hypothesis import given
from hypothesis import strategies as st

from clonebox_tui.engine.clone import keys, seed

TEXT = st.text(st.characters(codec="utf-8"), max_size=60)


def _config(name: str, key: str, private: str) -> seed.CloudConfig:
    return seed.CloudConfig(name, [seed.User("dev", 1000, [key])], seed.HostKeys(private, key))


@given(TEXT, TEXT, TEXT)
def test_any_text_comes_back_as_it_was(name: str, key: str, private: str) -> None:
    config = _config(name, key, private)
    text = seed.user_data(config)
    assert text.startswith(b"#cloud-config\n")
    assert yaml.safe_load(text) == msgspec.to_builtins(config)


@given(st.text(max_size=80))
def test_a_host_name_is_always_one(machine: str) -> None:
    name = seed.host_name(machine)
    assert 1 <= len(name) <= 63
    assert name.isascii()
    assert all(letter.isalnum() or letter == "-" for letter in name)
    assert not name.startswith("-")
    assert not name.endswith("-")


def test_nobody_logs_in_by_password_or_as_root() -> None:
    data = yaml.safe_load(seed.user_data(_config("box", "ssh-ed25519 A", "secret")))
    assert (data["ssh_pwauth"], data["disable_root"]) == (False, True)
    assert data["users"][0]["lock_passwd"] is True


def test_an_image_from_elsewhere_is_given_the_agent_and_ours_is_not() -> None:
    user, keys_ = [seed.User("dev", 1000, ["k"])], seed.HostKeys("p", "k")
    ours = yaml.safe_load(seed.user_data(seed.CloudConfig("box", user, keys_)))
    foreign = yaml.safe_load(seed.user_data(seed.ForeignConfig("box", user, keys_)))
    assert {"packages", "runcmd"} & set(ours) == set()
    assert foreign["packages"] == ["qemu-guest-agent"]
    assert foreign["runcmd"] == [["systemctl", "enable", "--now", "qemu-guest-agent"]]


def test_the_medium_is_what_cloud_init_looks_for_and_private(tmp_path: Path) -> None:
    path = tmp_path / "seed.iso"
    seed.write_seed(path, b"#cloud-config\n{}\n", seed.meta_data(seed.MetaData("id-1", "box")))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    iso = pycdlib.PyCdlib()
    iso.open(str(path))
    try:
        assert iso.pvd.volume_identifier.decode().strip() == "cidata"
        for kind in ("rr_path", "joliet_path"):
            out = io.BytesIO()
            iso.get_file_from_iso_fp(out, **{kind: "/meta-data"})
            assert yaml.safe_load(out.getvalue()) == {"instance-id": "id-1", "local-hostname": "box"}
    finally:
        iso.close()


def test_keys_are_fresh_private_and_belong_together(tmp_path: Path) -> None:
    pair, other = keys.fresh_pair("dev@box"), keys.fresh_pair("dev@box")
    assert pair.private != other.private
    private = load_ssh_private_key(pair.private.encode(), None)
    assert private.public_key() == load_ssh_public_key(pair.public.encode())
    path = keys.write_login_key(tmp_path, pair)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (tmp_path / "id_ed25519.pub").read_text() == f"{pair.public}\n"


def test_a_host_key_is_pinned_to_the_name_and_the_port() -> None:
    line = keys.known_hosts_line("ssh-ed25519 AAAA host@box", "box", 2201)
    assert line == "box,[127.0.0.1]:2201 ssh-ed25519 AAAA\n"
    assert keys.known_hosts_line("ssh-ed25519 AAAA c", "box", None) == "box ssh-ed25519 AAAA\n"
