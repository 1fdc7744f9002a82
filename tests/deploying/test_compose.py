"""The compose file of deploy/: its settings are settings that a node can use, its addresses and ports agree."""

import ipaddress
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.deploying.deployed import (
    DEPLOY,
    GIVEN,
    NODES,
    asked_variables,
    compose_text,
    read_compose,
    read_environment,
    setting_names,
)
from tests.house.tree import ROOT
from tongxing.app.settings import PREFIX, NodeSettings, load_settings
from tongxing.core.errors import Refused

COMPOSE = read_compose()
SERVICES = COMPOSE["services"]
VALKEY_SERVERS = [f"valkey-{number}" for number in range(1, 7)]


def settings_of(name: str, monkeypatch: pytest.MonkeyPatch) -> NodeSettings:
    for variable, value in SERVICES[name]["environment"].items():
        monkeypatch.setenv(variable, value)
    return load_settings()


def address_of(name: str) -> str:
    address: str = SERVICES[name]["networks"]["inside"]["ipv4_address"]
    return address


@pytest.mark.parametrize("name", NODES)
def test_a_nodes_settings_can_be_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of(name, monkeypatch).node == name


@pytest.mark.parametrize("name", NODES)
def test_a_nodes_published_port_is_the_one_it_listens_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [published] = SERVICES[name]["ports"]
    assert published.startswith("127.0.0.1:")
    assert published.endswith(f":{settings_of(name, monkeypatch).listen_port}")


@pytest.mark.parametrize("name", NODES)
def test_a_node_finds_its_own_database(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record = settings_of(name, monkeypatch).record
    assert record is not None
    parts = urlsplit(record.get_secret_value())
    assert (parts.hostname, parts.port) == ("postgres", 5432)
    made = (DEPLOY / "make-databases.sql").read_text(encoding="utf-8")
    assert f"CREATE DATABASE {parts.path[1:]} OWNER {parts.username} " in made
    assert parts.password == SERVICES["postgres"]["environment"][f"{name.upper()}_DATABASE_PASSWORD"]
    assert "postgres" in SERVICES[name]["depends_on"]


@pytest.mark.parametrize("name", NODES)
def test_a_node_finds_servers_of_the_index_under_its_password(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(name, monkeypatch)
    assert settings.index_password is not None
    assert (
        f"requirepass {settings.index_password.get_secret_value()}\n" in COMPOSE["configs"]["valkey-secret"]["content"]
    )
    there = {(address_of(server), port_of(SERVICES[server])) for server in VALKEY_SERVERS}
    assert settings.index_nodes
    assert set(settings.index_nodes) <= there


def port_of(server: dict[str, Any]) -> int:
    command = server["command"]
    return int(command[command.index("--port") + 1])


def test_all_servers_of_the_index_are_joined_to_one_cluster() -> None:
    joined = [word for word in SERVICES["valkey-join"]["entrypoint"] if ":" in word]
    assert joined == [f"{address_of(server)}:{port_of(SERVICES[server])}" for server in VALKEY_SERVERS]
    subnet = ipaddress.ip_network(COMPOSE["networks"]["inside"]["ipam"]["config"][0]["subnet"])
    assert all(ipaddress.ip_address(address_of(server)) in subnet for server in VALKEY_SERVERS)
    assert set(SERVICES["valkey-join"]["depends_on"]) == set(VALKEY_SERVERS)


def test_the_gateway_signs_for_an_address_by_which_the_hub_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    hub_url = settings_of("gateway", monkeypatch).hub_url
    assert hub_url is not None
    hub = SERVICES["hub"]["environment"]
    assert hub_url in json.loads(hub["TONGXING_PUBLIC_URLS"])
    assert urlsplit(hub_url).hostname in SERVICES
    assert str(urlsplit(hub_url).port) == hub["TONGXING_LISTEN_PORT"]


def test_record_and_index_are_reached_from_inside_only() -> None:
    inside = {name: service for name, service in SERVICES.items() if name not in {*NODES, "proxy"}}
    assert all(set(service["networks"]) == {"inside"} and "ports" not in service for service in inside.values())
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_every_variable_that_is_asked_for_is_in_the_example_and_no_secret_has_a_value() -> None:
    example = read_environment(DEPLOY / "env.example")
    assert asked_variables() == set(example) == set(GIVEN)
    assert {name for name, value in example.items() if value} == {name for name in example if name.endswith("_URL")}
    assert "${" not in json.dumps(COMPOSE)


def test_every_setting_that_is_named_exists() -> None:
    known = {f"{PREFIX}{name}".upper() for name in NodeSettings.model_fields}
    named = set(setting_names(compose_text()))
    assert named
    assert named <= known


def test_a_misspelt_setting_would_not_go_unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGXING_RECORDS", "postgresql://a@b/c")
    with pytest.raises(Refused, match="TONGXING_RECORDS"):
        settings_of("hub", monkeypatch)


def test_files_volumes_and_images_that_are_named_are_there() -> None:
    files = [config["file"] for config in COMPOSE["configs"].values() if "file" in config]
    assert all((DEPLOY / name).is_file() for name in files)
    used = {config["source"] for service in SERVICES.values() for config in service.get("configs", ())}
    assert used == set(COMPOSE["configs"])
    volumes = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert {name for name in volumes if not name.startswith("./")} == set(COMPOSE["volumes"])


def test_the_image_copies_what_is_there_and_is_let_through() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]]
    let_through = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied
    assert all((ROOT / word).exists() for word in copied)
    assert {f"!{word.split('/')[0]}" for word in copied} <= set(let_through)
    assert "USER tongxing" in lines
