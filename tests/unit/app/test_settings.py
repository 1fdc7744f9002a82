"""Settings are checked whole at the start, and what is wrong is told by its name and never by its value."""

import json
from pathlib import Path

import pytest

from tests.world import ROOT
from tongxing.app.key_files import public_text
from tongxing.app.settings import NodeKind, NodeSettings, load_settings
from tongxing.core.datasets import Dataset
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId

SECRET = "a-secret-nobody-may-read"
HUB = {
    "NODE": "hub",
    "STATE_DIR": "/var/lib/tongxing",
    "KEYS_DIR": "/etc/tongxing/keys",
    "PUBLIC_URLS": '["http://hub.example"]',
}
GATEWAY = {
    **HUB,
    "NODE": "gateway",
    "REGION": "45",
    "ROOTS": json.dumps([public_text(ROOT.public)]),
    "HUB_URL": "https://hub.example",
    "BACK_END_URL": "http://127.0.0.1:8003",
}


def load(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> NodeSettings:
    for name, value in values.items():
        monkeypatch.setenv(f"TONGXING_{name}", value)
    return load_settings()


def test_a_hub_needs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, HUB)
    assert (settings.node, settings.region, settings.database) == (
        NodeKind.HUB,
        "00",
        Path("/var/lib/tongxing/node.sqlite"),
    )


def test_a_hub_knows_the_owners_who_answer_live(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {**HUB, "LIVE_SOURCES": '{"tests": "https://TESTS.example/"}'})
    assert settings.live_sources == {Dataset.TESTS: "https://tests.example"}


def test_a_gateway_knows_its_region_and_whom_to_trust_and_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {**GATEWAY, "BACK_END_HEADERS": json.dumps({"x-key": SECRET})})
    assert settings.region_id == "45"
    assert settings.root_keys == (ROOT.public,)
    assert settings.back_end_headers["x-key"].get_secret_value() == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in settings.model_dump_json()


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "no kind of node": ({"NODE": "moon"}, "NODE"),
    "a hub with a region": ({"NODE": "hub"}, "REGION"),
    "no region": ({"REGION": "00"}, "REGION"),
    "a region that is none": ({"REGION": "4x"}, "REGION"),
    "a live source of no dataset": ({"LIVE_SOURCES": '{"horoscopes": "http://a.example"}'}, "LIVE_SOURCES"),
    "a live source of places": ({"LIVE_SOURCES": '{"county_risk": "http://a.example"}'}, "LIVE_SOURCES"),
    "a live source with a path": ({"LIVE_SOURCES": '{"tests": "http://a.example/x"}'}, "LIVE_SOURCES"),
    "a port that is none": ({"LISTEN_PORT": "70000"}, "LISTEN_PORT"),
    "no address of its own": ({"PUBLIC_URLS": "[]"}, "PUBLIC_URLS"),
    "an address with a path": ({"PUBLIC_URLS": '["http://a/b"]'}, "PUBLIC_URLS"),
    "an address that is no list": ({"PUBLIC_URLS": '"http://a"'}, "PUBLIC_URLS"),
    "no JSON": ({"PUBLIC_URLS": "http://a"}, "PUBLIC_URLS"),
    "a hub that is no address": ({"HUB_URL": "hub.example"}, "HUB_URL"),
    "no hub": ({"HUB_URL": ""}, "HUB_URL"),
    "no roots": ({"ROOTS": "[]"}, "ROOTS"),
    "a root that is no key": ({"ROOTS": f'["EdDSA:{SECRET}"]'}, "ROOTS"),
    "a root of no suite": ({"ROOTS": '["RSA:00"]'}, "ROOTS"),
    "a record that is no database": ({"RECORD": f"mysql://me:{SECRET}@db/record"}, "RECORD"),
    "a record without a database": ({"RECORD": f"postgresql://me:{SECRET}@db"}, "RECORD"),
    "an index that is no list": ({"INDEX": "valkey://a:1"}, "INDEX"),
    "an index with a password": ({"INDEX": f'["valkey://:{SECRET}@a:7001"]'}, "INDEX"),
    "an index without a port": ({"INDEX": '["valkey://a"]'}, "INDEX"),
    "an index that is none": ({"INDEX": '["http://a:7001"]'}, "INDEX"),
    "headers that are none": ({"BACK_END_HEADERS": f'["{SECRET}"]'}, "BACK_END_HEADERS"),
    "a misspelt setting": ({"LISTEN_PROT": SECRET}, "LISTEN_PROT"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_what_is_wrong_is_told_by_name_and_never_by_value(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, name = WRONG[fault]
    with pytest.raises(Refused) as refused:
        load(monkeypatch, {**GATEWAY, **change})
    assert refused.value.problem is ProblemId.SETTINGS_REFUSED
    assert f"TONGXING_{name}" in refused.value.detail
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "missing", ["NODE", "STATE_DIR", "KEYS_DIR", "PUBLIC_URLS", "ROOTS", "HUB_URL", "BACK_END_URL"]
)
def test_what_a_gateway_needs_and_is_not_given_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match=missing):
        load(monkeypatch, {name: value for name, value in GATEWAY.items() if name != missing})


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in NodeSettings.model_fields.items() if not field.description] == []
