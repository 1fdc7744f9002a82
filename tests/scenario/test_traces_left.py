"""What the scenes leave behind: nothing of any person in logs and metrics, no name and no number in any store."""

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.scenario.conftest import run_docked_federation
from tongxing.core.causes import Cause
from tongxing.core.levels import Level
from tongxing.core.masking import mask_document_number
from tongxing.regions.statuses import Colour
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import HUB, NODE_NAMES, REGIONS, gateway_name
from tongxing.simulation.people import CIRCUMSTANCES, Person
from tongxing.simulation.playing import Passage, play_scene
from tongxing.simulation.scenes import SCENES

pytestmark = pytest.mark.scenario

NODES = (HUB, *(gateway_name(region) for region in REGIONS))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Federation, list[Passage]]]:
    """Give a federation in which all scenes were played, and nothing else."""
    for federation in run_docked_federation(tmp_path_factory.mktemp("traces") / "state"):
        yield federation, [passage for scene in SCENES for passage in play_scene(federation, scene)]


def everybody(federation: Federation) -> list[Person]:
    return [person for people in federation.people.values() for person in people]


def texts_written(federation: Federation) -> dict[str, str]:
    """Return all logs, and the metrics of each node, by name."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in federation.grounds.log(HUB).parent.iterdir()}
    for name in NODES:
        texts[f"{name} metrics"] = httpx.get(f"{federation.grounds.url(name)}/metrics", trust_env=False).text
    return texts


def test_logs_and_metrics_hold_nothing_of_any_person(played: tuple[Federation, list[Passage]]) -> None:
    federation, passages = played
    personal: set[str] = set()
    for person in everybody(federation):
        number = person.document.number
        personal |= {person.name, number, number.lower(), person.code_content, mask_document_number(number)}
    for passage in passages:
        personal |= {passage.scanned.ref} | ({passage.scanned.guard["hint"]} - {None, ""})
    texts = texts_written(federation)
    assert sum(len(text) for text in texts.values()) > 10_000
    found = {(name, word) for name, text in texts.items() for word in personal if word in text}
    assert found == set()


def test_logs_and_metrics_hold_no_code_no_cause_no_level_and_no_colour(
    played: tuple[Federation, list[Passage]],
) -> None:
    federation, _ = played
    told = {word for states in CIRCUMSTANCES.values() for state in states.values() for word in state.told}
    words = {*told, *(str(colour) for colour in Colour if colour is not Colour.NONE), *(str(cause) for cause in Cause)}
    patterns = [rf"(?<![a-z_]){word}(?![a-z_])" for word in words]
    patterns += [rf'level"?\W{{1,3}}{level}' for level in Level]
    patterns += [r"HBJKM", r"GXJKM", r"99861\d{20}", r"(?<!\d)99\d{15}[\dX](?!\d)"]
    found = {
        (name, match.group())
        for name, text in texts_written(federation).items()
        for pattern in patterns
        for match in re.finditer(pattern, text)
    }
    assert found == set()


def test_every_line_of_a_nodes_log_is_one_json_object_with_nothing_withheld(
    played: tuple[Federation, list[Passage]],
) -> None:
    federation, _ = played
    for name in NODES:
        for line in federation.grounds.log(name).read_text(encoding="utf-8").splitlines():
            fields = json.loads(line)
            assert "withheld" not in fields, line
            assert fields["event"] != "fault", line


def test_no_store_of_a_node_holds_a_name_or_a_document_number(played: tuple[Federation, list[Passage]]) -> None:
    federation, passages = played
    assert passages
    for name in NODES:
        dump = dump_of(federation.grounds.database(name))
        assert len(dump) > 10_000
        for person in everybody(federation):
            assert person.name not in dump
            assert person.document.number not in dump
            assert person.code_content not in dump


def dump_of(database: Path) -> str:
    """Return everything in a database as text; blobs also as the bytes they are."""
    parts: list[str] = []
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - names from the database itself
                parts += [part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in row]
    connection.close()
    return "\n".join(parts)


def test_every_process_wrote_a_log_of_its_own(played: tuple[Federation, list[Passage]]) -> None:
    federation, _ = played
    assert {path.stem for path in federation.grounds.log(HUB).parent.iterdir()} == set(NODE_NAMES)
