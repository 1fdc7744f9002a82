"""``tongxing hub found``, ``tongxing gateway found``: once, on a file or a database, with keys for their owner only."""

import asyncio
import json
import stat
from pathlib import Path

import pytest

from tests.real_servers import Databases
from tests.unit.cli.conftest import Run
from tests.world import ROOT
from tongxing.app.key_files import load_signing_key, public_text
from tongxing.app.nodes import Surroundings, open_hub
from tongxing.app.settings import load_settings
from tongxing.cli import EXIT_REFUSED
from tongxing.core.words import FEDERATION
from tongxing.services.ports import Role
from tongxing.stores.migrations import NEWEST
from tongxing.stores.postgres.opening import connect
from tongxing.stores.sqlite.stores import open_stores

URL = "http://127.0.0.1:9100"
ROOT_TEXT = public_text(ROOT.public)


def read_settings(folder: Path) -> dict[str, str]:
    lines = (folder / "node.env").read_text().splitlines()
    return {name: text.strip("'") for name, _, text in (line.partition("=") for line in lines)}


def found(run: Run, folder: Path, *more: str) -> None:
    status, _, errors = run("hub", "found", folder, "--url", URL, *more)
    assert status == 0, errors


def test_a_hub_is_founded_once_and_serves_with_the_settings_that_were_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "hub"
    found(run, folder)
    keys = {file.name: file.read_bytes() for file in (folder / "keys").iterdir()}
    secret = [*(folder / "keys").iterdir(), *(folder / "operators").iterdir(), folder / "node.env"]
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in secret)
    status, _, why = run("hub", "found", folder, "--url", URL)
    assert (status, "founded before" in why) == (EXIT_REFUSED, True)
    assert {file.name: file.read_bytes() for file in (folder / "keys").iterdir()} == keys
    for name, text in read_settings(folder).items():
        monkeypatch.setenv(name, text)
    settings = load_settings()
    assert (settings.region, settings.listen_port, settings.public_urls) == (FEDERATION, 9100, (URL,))

    async def look() -> tuple[int, set[str]]:
        async with open_hub(settings, Surroundings.of_this_machine()) as hub:
            bundle = hub.bundle_in_force()
            operators = [held for held in await hub.core.access.list_credentials() if held.role is Role.OPERATOR]
            assert all(held.valid_until is not None for held in operators)
            return 0 if bundle is None else bundle.number, {public_text(held.public) for held in operators}

    number, operators = asyncio.run(look())
    made = {public_text(load_signing_key(file).public) for file in (folder / "operators").iterdir()}
    assert (number, operators) == (1, made)


def test_a_founding_that_was_cut_short_is_completed_and_no_key_is_made_anew(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    found(run, folder)
    kept = {file: file.read_bytes() for file in (folder / "keys").iterdir() if file.stem != "statement"}
    for lost in (folder / "keys" / "statement.json", folder / "node.env", *(folder / "state").iterdir()):
        lost.unlink()
    found(run, folder)
    assert {file: file.read_bytes() for file in kept} == kept
    assert (folder / "node.env").exists()


def test_operators_who_made_their_own_keys_are_enrolled_and_none_is_made(run: Run, tmp_path: Path) -> None:
    own = []
    for name in ("a", "b"):
        assert run("keys", "new", tmp_path / f"{name}.json")[0] == 0
        own.append(public_text(load_signing_key(tmp_path / f"{name}.json").public))
    found(run, tmp_path / "hub", "--operator", own[0], "--operator", own[1])
    assert not (tmp_path / "hub" / "operators").exists()
    stores = open_stores(tmp_path / "hub" / "state" / "node.sqlite")
    held = asyncio.run(stores.credentials.list())
    asyncio.run(stores.aclose())
    assert {public_text(each.public) for each in held} == set(own)
    for wrong in (own[:1], [own[0], own[0]], ["EdDSA:00"]):
        named = [part for key in wrong for part in ("--operator", key)]
        assert run("hub", "found", tmp_path / "other", "--url", URL, *named)[0] == EXIT_REFUSED
    assert not (tmp_path / "other" / "node.env").exists()


def test_a_hub_is_founded_on_the_database_that_a_setting_names(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_databases: Databases
) -> None:
    address = postgres_databases.new()
    monkeypatch.setenv("TONGXING_RECORD", address)
    found(run, tmp_path / "hub")
    assert read_settings(tmp_path / "hub")["TONGXING_RECORD"] == address
    assert not (tmp_path / "hub" / "state" / "node.sqlite").exists()
    with connect(address) as connection:
        (row,) = connection.execute(
            "SELECT count(*), (SELECT version_num FROM alembic_version) FROM bundles"
        ).fetchall()
    assert row == (1, NEWEST)
    status, _, why = run("hub", "found", tmp_path / "second", "--url", URL)
    assert (status, "founded before" in why) == (EXIT_REFUSED, True)
    assert not (tmp_path / "second" / "keys").exists()


def test_a_gateway_is_founded_beside_the_keys_that_it_joined_with_and_no_others(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "joining"
    assert run("dock", "prepare", folder, "--profile", "50", "--url", "http://127.0.0.1:9101")[0] == 0
    told = ("--hub", URL, "--root", ROOT_TEXT, "--back-end", "http://127.0.0.1:9201")
    assert run("gateway", "found", tmp_path / "nowhere", *told)[0] == EXIT_REFUSED
    status, _, errors = run("gateway", "found", folder, *told)
    assert status == 0, errors
    settings = read_settings(folder)
    assert (settings["TONGXING_REGION"], settings["TONGXING_LISTEN_PORT"]) == ("50", "9101")
    assert json.loads(settings["TONGXING_ROOTS"]) == [ROOT_TEXT]
    (folder / "keys" / "request.json").unlink()
    assert run("keys", "new", folder / "keys" / "request.json")[0] == 0
    status, _, why = run("gateway", "found", folder, *told)
    assert (status, "directory record" in why) == (EXIT_REFUSED, True)


@pytest.mark.parametrize("url", ["ftp://a", "http://a/path", "nothing"])
def test_no_address_founds_nothing(run: Run, tmp_path: Path, url: str) -> None:
    assert run("hub", "found", tmp_path / "hub", "--url", url)[0] == EXIT_REFUSED
    assert not (tmp_path / "hub").exists()


def test_a_value_that_a_shell_would_read_otherwise_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGXING_INDEX_PASSWORD", "a'b")
    status, _, why = run("hub", "found", tmp_path / "hub", "--url", URL)
    assert (status, "TONGXING_INDEX_PASSWORD" in why, "a'b" in why) == (EXIT_REFUSED, True, False)
    assert not (tmp_path / "hub").exists()
