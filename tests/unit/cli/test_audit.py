"""What an auditor sees at a real hub: who looked how often and what for, never at whom; and that the log is whole."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.samples import subject
from tests.running_hub import running_hub
from tests.unit.cli.conftest import Run
from tests.unit.cli.test_risk import listed
from tests.unit.cli.test_sources import key_file
from tests.world import GUANGXI, HUBEI, World
from tongxing.app.key_files import public_text
from tongxing.app.settings import NodeSettings
from tongxing.core.calendar import beijing_day
from tongxing.core.looks import Ground, Look, Purpose
from tongxing.core.words import FEDERATION
from tongxing.stores.sqlite.stores import open_stores

HUB_KEY = public_text(World().statement_key(FEDERATION).public)


@dataclass(frozen=True)
class Audited:
    """A hub's address, an operator's key file, the hub's database."""

    url: str
    operator: Path
    database: Path


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Audited]:
    now = datetime.now(UTC).replace(microsecond=0)

    async def look(settings: NodeSettings) -> None:
        stores = open_stores(settings.database)
        for number in (1, 1, 2):
            at = now - timedelta(hours=number)
            made = Look(subject(number), at, GUANGXI, "aa" * 8, "a site", Purpose.ONE_STOP_QUERY, Ground.CONSENT)
            await stores.looks.record(made)
        long_ago = now - timedelta(days=20)
        await stores.looks.record(Look(subject(3), long_ago, HUBEI, "bb" * 8, "a site", Purpose.AUDIT, Ground.PRESENCE))
        for number in range(5):
            await stores.digest_log.append(beijing_day(datetime.now(UTC)), bytes([number]) * 32)
        await stores.aclose()

    lists = [(now, listed("二七街道甲社区"))]
    with running_hub(tmp_path, World(issued_at=now).bundle(), lists, lambda _: (), look) as running:
        yield Audited(running.url, key_file(tmp_path, "OPERATOR"), tmp_path / "state" / "node.sqlite")


def test_looks_are_told_by_key_and_purpose_and_nobody_who_was_looked_at(run: Run, hub: Audited) -> None:
    status, told, errors = run("audit", "looks", "--node", hub.url, "--key", hub.operator, "--lang", "en")
    assert (status, errors) == (0, "")
    assert f"45 {'aa' * 8}: 3 looks at 2 people, for a one-stop query (consent)" in told
    assert "3 looks since" in told
    asked = ("audit", "looks", "--node", hub.url, "--key", hub.operator, "--json", "--days", "30")
    answer = json.loads(run(*asked)[1])
    assert [(each["region"], each["looks"]) for each in answer["counts"]] == [("45", 3), ("42", 1)]
    assert answer["is_whole"]
    assert not any(subject(number).hex()[:16] in json.dumps(answer) for number in (1, 2, 3))


def test_a_log_that_folds_to_what_the_hub_signed_is_whole(run: Run, hub: Audited) -> None:
    status, told, errors = run("audit", "log", "--hub", hub.url, "--key", HUB_KEY, "--days", "2")
    assert (status, errors) == (0, "")
    lines = told.splitlines()
    assert [": 0 digests, whole" in lines[0], ": 5 digests, whole" in lines[1]] == [True, True]


def test_a_log_that_another_key_signed_is_not_the_hubs(run: Run, hub: Audited) -> None:
    other = public_text(World().statement_key(HUBEI).public)
    status, _, errors = run("audit", "log", "--hub", hub.url, "--key", other, "--days", "1")
    assert status == 2
    assert "not signed by this key" in errors


def test_a_digest_that_was_exchanged_afterwards_is_noticed(run: Run, hub: Audited) -> None:
    with sqlite3.connect(hub.database) as record:
        changed = record.execute("UPDATE carried_digests SET digest = ? WHERE digest = ?", (b"x" * 32, b"\1" * 32))
        assert changed.rowcount == 1
    status, _, errors = run("audit", "log", "--hub", hub.url, "--key", HUB_KEY, "--days", "1")
    assert status == 2
    assert "does not fold to the head" in errors
