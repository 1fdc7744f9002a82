"""The systemd units of deploy/: what they name is there, they agree with one another, and systemd understands them."""

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.deploying.deployed import (
    DEPLOY,
    GIVEN,
    UNITS,
    all_of,
    read_environment,
    read_unit,
    setting_names,
    unit_files,
)
from tongxing.app.settings import PREFIX, NodeSettings, load_settings
from tongxing.core.errors import Refused

NODE_UNITS = {"hub": "tongxing-hub.service", "gateway-42": "tongxing-gateway@.service"}


def settings_of(node: str, monkeypatch: pytest.MonkeyPatch, **replaced: str) -> NodeSettings:
    """Return the settings that a node has under its unit, an operator having written ``replaced``."""
    unit = read_unit(NODE_UNITS[node])
    own = dict(word.split("=", 1) for word in all_of(unit, "Service", "Environment"))
    for name, value in {**own, **read_environment(UNITS / f"{node}.env"), **replaced}.items():
        monkeypatch.setenv(name, value.replace("%S", "/var/lib").replace("%i", "42"))
    return load_settings()


def known_root() -> str:
    return f'["{GIVEN["BUNDLE_ROOT"]}"]'


def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    """Programs stand where they will be installed, not here: each is taken for one that is."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("NO SYSTEMD-ANALYZE WAS FOUND: install systemd")
    for path in unit_files():
        text = re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--generators=no", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_every_unit_that_another_names_is_there() -> None:
    there = {path.name for path in unit_files()}
    for path in unit_files():
        unit = read_unit(path.name)
        named = [word for name in ("Requires", "Wants", "After") for word in all_of(unit, "Unit", name)]
        ours = {re.sub(r"@.+\.", "@.", word) for word in named if word.startswith("tongxing")}
        assert ours <= there, path.name


@pytest.mark.parametrize("name", sorted(path.name for path in unit_files() if path.suffix == ".service"))
def test_every_service_is_started_with_the_others_and_gains_no_privileges(name: str) -> None:
    unit = read_unit(name)
    assert all_of(unit, "Install", "WantedBy") == ["tongxing.target"]
    assert all_of(unit, "Service", "ProtectSystem") == ["strict"]
    assert all_of(unit, "Service", "User") or all_of(unit, "Service", "DynamicUser") == ["yes"]


@pytest.mark.parametrize("node", NODE_UNITS)
def test_every_setting_that_is_named_exists(node: str) -> None:
    known = {f"{PREFIX}{name}".upper() for name in NodeSettings.model_fields}
    for path in (UNITS / NODE_UNITS[node], UNITS / f"{node}.env"):
        assert set(setting_names(path.read_text(encoding="utf-8"))) <= known


@pytest.mark.parametrize("node", NODE_UNITS)
def test_a_nodes_settings_can_be_used(node: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(node, monkeypatch, **({} if node == "hub" else {"TONGXING_ROOTS": known_root()}))
    assert settings.listen_host == "127.0.0.1"
    assert [url for url in settings.public_urls if urlsplit(url).port == settings.listen_port]
    folder = all_of(read_unit(NODE_UNITS[node]), "Service", "StateDirectory")[0].replace("%i", "42")
    assert settings.state_dir == Path("/var/lib") / folder


def test_a_gateway_that_was_not_told_the_key_of_bundles_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="TONGXING_ROOTS"):
        settings_of("gateway-42", monkeypatch)


def test_the_gateway_signs_for_an_address_by_which_the_hub_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = settings_of("gateway-42", monkeypatch, TONGXING_ROOTS=known_root())
    hub = read_environment(UNITS / "hub.env")
    assert f'"{gateway.hub_url}"' in hub["TONGXING_PUBLIC_URLS"]
    assert urlsplit(gateway.hub_url or "").port == int(hub["TONGXING_LISTEN_PORT"])


@pytest.mark.parametrize("node", NODE_UNITS)
def test_a_node_finds_its_record_by_the_socket_that_postgresql_makes(node: str) -> None:
    address = urlsplit(read_environment(UNITS / f"{node}.env")["TONGXING_RECORD"])
    command = all_of(read_unit("tongxing-postgresql.service"), "Service", "ExecStart")
    assert f"unix_socket_directories={parse_qs(address.query)['host'][0]}" in command
    # It is known by the user it runs as, so no password is needed.
    user = all_of(read_unit(NODE_UNITS[node]), "Service", "User")[0].replace("%i", "42")
    assert address.username == user


@pytest.mark.parametrize("node", NODE_UNITS)
def test_a_node_finds_servers_of_the_index_that_are_joined(node: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(node, monkeypatch, TONGXING_ROOTS=known_root())
    join = read_unit("tongxing-valkey-join.service")
    joined = {word for word in all_of(join, "Service", "ExecStart") if ":" in word}
    assert {f"{host}:{port}" for host, port in settings.index_nodes} <= joined
    units = {f"tongxing-valkey@{word.rpartition(':')[2]}.service" for word in joined}
    assert units == set(all_of(join, "Unit", "Wants")) == set(all_of(join, "Unit", "After"))
    assert all_of(join, "Service", "ExecStart")[0].endswith("/deploy/join-valkey.sh")
    assert (DEPLOY / "join-valkey.sh").stat().st_mode & 0o111
