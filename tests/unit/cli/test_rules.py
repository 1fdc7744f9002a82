"""``tongxing rules``: tables are proven, explained, compared and put in force from the command line."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.running_hub import RunningHub, running_hub
from tests.unit.cli.conftest import Run
from tests.unit.cli.test_risk import listed
from tests.unit.services.test_rule_desk import BELOW, HEAD, IN_TIME, OWN, URGENT
from tests.world import World
from tongxing.app.key_files import load_signing_key, save_new_key
from tongxing.app.system import system_entropy
from tongxing.core.words import FEDERATION
from tongxing.services.ports import Credential, Role
from tongxing.stores.sqlite.stores import open_stores

SITUATION = {
    "level": "low",
    "colour_only": False,
    "origin_risk": "low",
    "others_consulted": True,
    "place_kind": "traffic_gate",
    "causes": ["nothing_found"],
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    made = {"own": OWN.encode(), "below": BELOW.encode(), "in_time": IN_TIME, "broken": b"[table]"}
    made["situation"] = json.dumps(SITUATION).encode()
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in made}


def test_a_table_that_holds_is_told_so(run: Run, files: dict[str, Path]) -> None:
    status, told, _ = run("rules", "check", files["own"], "--json")
    assert (status, json.loads(told)) == (0, [{"file": str(files["own"]), "findings": []}])
    assert "已证明，没有不符之处" in run("rules", "check", files["own"])[1]
    assert "proven, no findings" in run("rules", "check", files["own"], "--lang", "en")[1]
    assert "处不符" in run("rules", "check", files["below"])[1]


def test_two_tables_of_one_place_and_a_folder_without_the_floor_are_refused(
    run: Run, files: dict[str, Path], tmp_path: Path
) -> None:
    status, _, errors = run("rules", "check", files["own"], files["below"])
    assert (status, "another of the files is that place's table" in errors) == (2, True)
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "45.toml").write_text(OWN)
    status, _, errors = run("rules", "check", files["below"], "--against", alone)
    assert (status, "without national.toml no floor" in errors) == (2, True)


def test_a_finding_is_a_sentence_and_an_input_that_can_be_run(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    status, told, _ = run("rules", "check", files["below"], "--json")
    assert status == 2
    finding = json.loads(told)[0]["findings"][0]
    assert finding["kind"] == "below_floor"
    assert "owes a plain PASS" in finding["sentence"]["en"]
    (tmp_path / "finding.json").write_text(json.dumps(finding))
    tables = tmp_path / "tables"
    tables.mkdir()
    for name, data in World().rules.items():
        (tables / name).write_bytes(data)
    (tables / "45.toml").write_text(BELOW)
    status, told, _ = run(
        "rules", "explain", tmp_path / "finding.json", "--region", "45", "--against", tables, "--json"
    )
    explained = json.loads(told)
    assert (status, explained["row"], explained["outcome"]) == (0, "45/guangxi/asks_more", "PASS_WITH_MEASURES")


def test_an_explanation_names_row_inputs_and_a_change_that_alters_it(
    run: Run, files: dict[str, Path], tmp_path: Path
) -> None:
    status, told, _ = run("rules", "explain", files["situation"], "--region", "42", "--on", "2020-03-21", "--json")
    explained = json.loads(told)
    assert (status, explained["row"]) == (0, "42/hubei/conditional_recognition")
    assert explained["exception"] == explained["row"]
    nearest = explained["nearest_change"]
    (tmp_path / "after.json").write_text(json.dumps(nearest["situation"]))
    _, told, _ = run("rules", "explain", tmp_path / "after.json", "--region", "42", "--on", nearest["day"], "--json")
    assert json.loads(told)["outcome"] == nearest["outcome"] != explained["outcome"]
    for language in ("zh", "en"):
        status, told, _ = run(
            "rules", "explain", files["situation"], "--region", "42", "--on", "2020-03-21", "--lang", language
        )
        assert status == 0
        assert nearest["sentence"][language] in told


def test_a_diff_tells_whom_it_concerns_and_a_comment_concerns_nobody(run: Run, files: dict[str, Path]) -> None:
    status, told, _ = run("rules", "diff", files["own"], files["in_time"], "--json")
    differences = json.loads(told)
    assert status == 0
    assert {each["day"] for each in differences} == {"2020-03-24"}
    assert {each["after"] for each in differences} == {"45/guangxi/declare_stays"}
    files["own"].with_name("again").write_text(OWN + "\n# again\n")
    assert json.loads(run("rules", "diff", files["own"], files["own"].with_name("again"), "--json")[1]) == []
    _, notice, _ = run("rules", "diff", files["own"], files["in_time"], "--notice")
    assert "公告" in notice
    assert "Notice" in notice


def test_the_register_of_exceptions_is_printed(run: Run) -> None:
    _, told, _ = run("rules", "exceptions", "--on", "2020-03-21", "--json")
    assert {"11/beijing/conditional_recognition", "42/hubei/conditional_recognition"} <= {
        each["id"] for each in json.loads(told)
    }
    _, told, _ = run("rules", "exceptions", "--on", "2020-05-01", "--json")
    assert "11/beijing/conditional_recognition" not in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("check", "broken"), "not a rule table"),
        (("check", "nowhere"), "nowhere"),
        (("check", "own", "--against", "nowhere"), "nowhere"),
        (("explain", "own", "--region", "45"), "no JSON object"),
        (("explain", "situation", "--region", "guangxi"), "two or four digits"),
        (("explain", "situation", "--region", "45", "--on", "tomorrow"), "not a day"),
        (("explain", "situation", "--region", "45", "--site", "North Gate"), "a site's name"),
        (("explain", "situation", "--region", "45", "--on", "2019-01-01"), "no_rule_in_force"),
        (("explain", "situation", "--region", "45", "--site", "north_gate"), "no table of site 'north_gate'"),
        (("diff", "own", "broken"), "not a rule table"),
        (("diff", "own", "in_time", "--since", "x"), "not a day"),
    ],
)
def test_what_is_wrong_is_told_by_name(run: Run, files: dict[str, Path], arguments: tuple[str, ...], told: str) -> None:
    named = [files.get(word, word) for word in arguments]
    status, out, errors = run("rules", *named)
    assert (status, out) == (2, "")
    assert told in errors
    assert "Traceback" not in errors


def enrol(database: Path, key: Path) -> None:
    async def enrolling() -> None:
        stores = open_stores(database)
        public = load_signing_key(key).public
        await stores.credentials.enrol(Credential(public.kid.hex(), Role.OPERATOR, public, "one", FEDERATION, None))
        await stores.aclose()

    save_new_key(key, "EdDSA", system_entropy)
    anyio.run(enrolling)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningHub, Path]]:
    """A hub in the present with two operators."""
    folder, now = tmp_path_factory.mktemp("hub"), datetime.now(UTC)
    with running_hub(folder, World(issued_at=now).bundle(), [(now, listed("二七街道甲社区"))], lambda _: ()) as running:
        for name in ("one", "other"):
            enrol(next((folder / "state").glob("*.sqlite")), folder / f"{name}.json")
        yield running, folder


def test_a_table_is_proposed_by_one_key_and_approved_by_another(
    run: Run, hub: tuple[RunningHub, Path], tmp_path: Path
) -> None:
    running, folder = hub
    table = tmp_path / "45.toml"
    table.write_bytes(OWN.encode().replace(HEAD, HEAD + URGENT.encode(), 1))
    at = ("--hub", running.url, "--key")
    status, told, errors = run("rules", "publish", table, *at, folder / "one.json", "--json")
    assert (status, errors) == (0, "")
    proposal: dict[str, Any] = json.loads(told)
    assert proposal["state"] == "open"
    status, _, errors = run("rules", "approve", proposal["proposal_id"], *at, folder / "one.json")
    assert status == 2
    assert "another operator" in errors
    status, told, _ = run("rules", "approve", proposal["proposal_id"], *at, folder / "other.json", "--lang", "en")
    assert status == 0
    assert "published in bundle" in told
    assert "Notice" in told
    status, _, errors = run("rules", "reject", proposal["proposal_id"], *at, folder / "one.json", "--why", "late")
    assert status == 2
    assert "was approved" in errors
    table.write_text(BELOW)
    status, told, errors = run("rules", "publish", table, *at, folder / "one.json", "--lang", "en")
    assert (status, errors) == (2, "")
    assert "owes a plain PASS" in told
    status, told, _ = run("rules", "publish", table, *at, folder / "one.json", "--json")
    (refused,) = json.loads(told)
    (tmp_path / "finding.json").write_text(json.dumps(refused["findings"][0]))
    assert (status, refused["file"]) == (2, "45/guangxi")
    status, told, _ = run("rules", "explain", tmp_path / "finding.json", "--region", "45", "--json")
    assert (status, json.loads(told)["outcome"]) == (0, "PASS")
