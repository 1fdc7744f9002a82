"""The end of a rotation by the command line, at a real hub: refused while anybody would be lost, unless it is said."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.samples import report
from tests.running_hub import running_hub
from tests.unit.cli.conftest import Run
from tests.unit.cli.test_risk import listed
from tests.unit.cli.test_sources import key_file
from tests.world import HUBEI, World
from tongxing.app.settings import NodeSettings
from tongxing.app.subject_secrets import load_subject_secrets, rotate_subject_secret
from tongxing.core.subjects import SubjectKey
from tongxing.services.ports import SubjectReport
from tongxing.stores.sqlite.stores import open_stores

PEOPLE = 4


@dataclass(frozen=True)
class Rotating:
    """A hub's address, its folder of keys, an operator's key file."""

    url: str
    keys: Path
    operator: Path

    @property
    def asked(self) -> tuple[object, ...]:
        return "--node", self.url, "--key", self.operator


@contextmanager
def rotating_hub(folder: Path, linked: int) -> Iterator[Rotating]:
    """Yield a hub in a rotation, with people reported under the old version; of some both keys are known."""

    async def rotate(settings: NodeSettings) -> None:
        rotate_subject_secret(settings.keys_dir, os.urandom)
        stores = open_stores(settings.database)
        old, new = ([SubjectKey(bytes((version, each)) + bytes(31)) for each in range(PEOPLE)] for version in (1, 2))
        await stores.reports.put_reports([SubjectReport(key, report(HUBEI)) for key in old])
        await stores.links.link([*zip(new[:linked], old[:linked], strict=True)])
        await stores.aclose()

    now = datetime.now(UTC)
    lists = [(now, listed("二七街道甲社区"))]
    with running_hub(folder, World(issued_at=now).bundle(), lists, lambda _: (), rotate) as running:
        yield Rotating(running.url, folder / "keys", key_file(folder, "OPERATOR"))


def wait_for_count(run: Run, hub: Rotating) -> tuple[int, dict[str, object]]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        status, told, errors = run("keys", "rotation", *hub.asked, "--json")
        assert errors == ""
        if (progress := json.loads(told))["counted_at"]:
            return status, progress
        time.sleep(0.1)
    raise AssertionError("never counted")


def test_a_version_under_which_people_wait_is_retired_only_by_saying_how_many(run: Run, tmp_path: Path) -> None:
    with rotating_hub(tmp_path, linked=1) as hub:
        status, told = wait_for_count(run, hub)
        assert (status, told["people_waiting"], told["is_complete"]) == (3, PEOPLE - 1, False)
        words = run("keys", "rotation", *hub.asked)[1]
        assert "reports of 42: 25.0 % of 4; 3 under an older version, 3 wait to be handed in again" in words
        for losing in ((), ("--losing", PEOPLE - 2)):
            status, _, errors = run("keys", "retire-subjects", hub.keys, *hub.asked, *losing)
            assert status == 2
            assert f"{PEOPLE - 1} people would be found by nobody" in errors
        assert len(load_subject_secrets(hub.keys)) == 2
        status, words, errors = run("keys", "retire-subjects", hub.keys, *hub.asked, "--losing", PEOPLE - 1)
        assert (status, errors) == (0, "")
        assert "version 1 is retired" in words
        assert [secret.version for secret in load_subject_secrets(hub.keys)] == [2]


def test_a_rotation_that_is_complete_ends_by_itself_alone(run: Run, tmp_path: Path) -> None:
    with rotating_hub(tmp_path, linked=PEOPLE) as hub:
        status, told = wait_for_count(run, hub)
        assert (status, told["people_waiting"], told["is_complete"]) == (0, 0, True)
        assert run("keys", "retire-subjects", hub.keys, *hub.asked)[0] == 0


def test_a_hub_that_has_not_taken_up_the_new_version_is_waited_for(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with rotating_hub(tmp_path / "hub", linked=PEOPLE) as hub:
        wait_for_count(run, hub)
        for name in ("subjects.retired", "subjects-2.json", "subjects-3.json"):
            (other / name).write_bytes((hub.keys / "subjects-2.json").read_bytes())
            (other / name).chmod(0o600)
        status, _, errors = run("keys", "retire-subjects", other, *hub.asked)
        assert status == 2
        assert "has not counted under version 3" in errors
        assert len(load_subject_secrets(other)) == 2


@pytest.mark.parametrize("node", ["http://127.0.0.1:9", "not an address"])
def test_without_the_hub_nothing_is_retired(run: Run, tmp_path: Path, node: str) -> None:
    with rotating_hub(tmp_path, linked=PEOPLE) as hub:
        status, _, errors = run("keys", "retire-subjects", hub.keys, "--node", node, "--key", hub.operator)
        assert status == 2
        assert "Traceback" not in errors
        assert len(load_subject_secrets(hub.keys)) == 2
