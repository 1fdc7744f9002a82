"""``tongxing simulate``: every region's back end over real HTTP, as an integrator meets it, and its switchboard."""

import asyncio
import json
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import psutil
import pytest

from tests.unit.regions.samples import load_profile
from tongxing.app.packaged import PROFILES, load_files
from tongxing.connectors.back_end import HttpBackEnd
from tongxing.connectors.conversing import converse
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.docking import parse_dock_row
from tongxing.regions.families import FAMILIES
from tongxing.regions.profile import Profile
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.processes import choose_ports
from tongxing.simulation.sandbox.sites import PEOPLE_OF_ALL_MAX

pytestmark = pytest.mark.scenario

ROOT: Final = Path(__file__).parent.parent.parent
PROGRAM: Final = [str(Path(sys.executable).with_name("tongxing")), "simulate"]
REGIONS: Final = tuple(sorted(name.removesuffix(".toml") for name in load_files(PROFILES)))
WITHOUT_CODE: Final = tuple(region for region in REGIONS if load_profile(region).family == "national")
WITH_CODE: Final = tuple(region for region in REGIONS if region not in WITHOUT_CODE)
ONE_OF_EACH_FAMILY: Final = tuple({load_profile(region).family: region for region in WITH_CODE}.values())
MEMORY_MAX_BYTES: Final = 1024 * 1024 * 1024
READY: Final = "Ctrl-C stops"


@dataclass
class RunningSandbox:
    """A sandbox that answers HTTP: its switchboard's client, what it said at its start, and its process."""

    board: httpx.Client
    said: str
    process: psutil.Process

    def region(self, number: str) -> dict[str, Any]:
        told: dict[str, Any] = self.board.get(f"/api/regions/{number}").raise_for_status().json()
        return told

    def set_fault(self, number: str, fault: str | None, **more: object) -> httpx.Response:
        return self.board.post("/api/fault", json={"region": number, "fault": fault, **more})

    def ask(self, number: str, person: str) -> SourceAnswer | ReasonId:
        """Ask a region's back end about a person's code, as its family does, over the network."""
        site = self.region(number)
        shown = self.board.post("/api/show", json={"region": number, "number": person}).raise_for_status()
        return asyncio.run(_ask(load_profile(number), site["url"], shown.json()["qr_text"], site["credentials"]))


async def _ask(profile: Profile, url: str, text: str, credentials: Mapping[str, str]) -> SourceAnswer | ReasonId:
    assert FAMILIES[profile.family].recognises(text, profile)
    async with httpx.AsyncClient(trust_env=False) as client:
        at = datetime.now(UTC)
        return (await converse(HttpBackEnd(client, url), profile, text, at, "query", credentials, 5.0)).outcome


@contextmanager
def running(*arguments: str) -> Iterator[RunningSandbox]:
    with subprocess.Popen([*PROGRAM, *arguments, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if READY in line:
                    break
            assert READY in said
            address = re.search(r"switchboard  (http://127\.0\.0\.1:[0-9]+)/", said)
            assert address is not None
            with httpx.Client(base_url=address[1], timeout=20, trust_env=False) as board:
                yield RunningSandbox(board, said, psutil.Process(process.pid))
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running("all", "--people", str(PEOPLE_OF_ALL_MAX // len(REGIONS))) as started:
        yield started


def test_every_region_is_served_by_one_process_in_a_gibibyte(sandbox: RunningSandbox) -> None:
    told = sandbox.board.get("/api/regions").json()
    assert [site["region"] for site in told] == list(REGIONS)
    assert len(told) >= 32
    assert sandbox.process.children(recursive=True) == []
    assert sandbox.process.memory_info().rss < MEMORY_MAX_BYTES


def test_nothing_listens_beyond_this_machine(sandbox: RunningSandbox) -> None:
    listening = [each.laddr for each in sandbox.process.net_connections() if each.status == psutil.CONN_LISTEN]
    assert len(listening) == len(REGIONS) + 1
    assert {address.ip for address in listening} == {"127.0.0.1"}


@pytest.mark.parametrize("region", WITH_CODE)
def test_a_back_end_tells_its_own_family_of_each_person_what_the_switchboard_shows(
    sandbox: RunningSandbox, region: str
) -> None:
    told = sandbox.region(region)
    first_of = {person["made_as"]: person for person in reversed(told["people"])}
    assert set(first_of) == set(told["statuses"])
    for person in first_of.values():
        answer = sandbox.ask(region, person["number"])
        assert isinstance(answer, SourceAnswer), (person, answer)
        assert answer.status == person["status"]
        assert set(answer.told) <= set(person["told"])
        load_profile(region).status_of(answer.status, datetime.now(UTC))


@pytest.mark.parametrize("region", WITHOUT_CODE)
def test_a_region_without_a_code_says_so_and_gives_the_words_of_its_own_records(
    sandbox: RunningSandbox, region: str
) -> None:
    told = sandbox.region(region)
    assert (told["has_code"], told["asked"]) == (False, [])
    refused = sandbox.board.post("/api/show", json={"region": region, "number": told["people"][0]["number"]})
    assert (refused.status_code, refused.json()) == (404, {"error": f"region {region} has no code of its own"})
    rows = httpx.get(f"{told['url']}/_records", params={"count": 20}, trust_env=False).json()
    profile = load_profile(region)
    assert {parse_dock_row(row, profile).answer.status for row in rows} == set(told["statuses"].values())


@pytest.mark.parametrize("region", ONE_OF_EACH_FAMILY)
def test_a_status_set_at_the_switchboard_is_told_from_then_on(sandbox: RunningSandbox, region: str) -> None:
    told = sandbox.region(region)
    person = next(each for each in told["people"] if each["made_as"].startswith("green"))
    red = next(name for name in told["statuses"] if name.startswith("red"))
    wanted = {"region": region, "number": person["number"], "circumstance": red}
    changed = sandbox.board.post("/api/person", json=wanted).raise_for_status().json()
    assert changed["status"] == told["statuses"][red] != person["status"]
    answer = sandbox.ask(region, person["number"])
    assert isinstance(answer, SourceAnswer)
    assert answer.status == told["statuses"][red]
    rows = httpx.get(f"{told['url']}/_records", trust_env=False).json()
    assert [row["status"] for row in rows if row["document"]["number"] == person["number"]] == [answer.status]


@pytest.mark.parametrize("region", ONE_OF_EACH_FAMILY)
def test_a_fault_strikes_one_back_end_until_it_is_taken_back(sandbox: RunningSandbox, region: str) -> None:
    other = "45" if region != "45" else "44"
    number, others = (sandbox.region(each)["people"][0]["number"] for each in (region, other))
    assert sandbox.set_fault(region, "html").json()["fault"] == "html"
    assert sandbox.region(region)["fault"] == "html"
    assert sandbox.ask(region, number) is ReasonId.SOURCE_UNREADABLE
    assert isinstance(sandbox.ask(other, others), SourceAnswer)
    assert sandbox.set_fault(region, None).json()["fault"] is None
    assert isinstance(sandbox.ask(region, number), SourceAnswer)


def test_nobody_has_the_document_number_of_somebody_elsewhere(sandbox: RunningSandbox) -> None:
    numbers = [
        row["document"]["number"]
        for site in sandbox.board.get("/api/regions").json()
        for row in httpx.get(f"{site['url']}/_records", params={"count": 1000}, trust_env=False).json()
    ]
    assert len(numbers) == 1000 * len(REGIONS)
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("99") for number in numbers)


@pytest.mark.parametrize(
    ("path", "body", "status", "why"),
    [
        ("/api/fault", {"region": "42", "fault": "earthquake"}, 400, "Invalid enum value 'earthquake'"),
        ("/api/fault", {"region": "42", "fault": None, "force": 1}, 400, "unknown field `force`"),
        ("/api/fault", {"region": "42", "fault": "slow", "seconds": 601}, 400, "seconds: from 0 to 600"),
        ("/api/fault", {"region": "98", "fault": None}, 404, "region 98 is not served here"),
        ("/api/person", {"region": "42", "number": "1", "circumstance": "x"}, 404, "nobody in region 42"),
        ("/api/person", {"region": "42", "number": "1"}, 400, "missing required field `circumstance`"),
        ("/api/show", [], 400, "Expected `object`"),
        ("/api/show", {"region": "42", "number": "1" * 5000}, 400, "more than 4096 bytes"),
    ],
)
def test_what_the_switchboard_cannot_do_is_told_in_a_sentence(
    sandbox: RunningSandbox, path: str, body: object, status: int, why: str
) -> None:
    refused = sandbox.board.post(path, json=body)
    assert refused.status_code == status
    assert why in refused.json()["error"]


def test_a_state_that_the_region_does_not_have_is_refused_with_those_that_it_has(sandbox: RunningSandbox) -> None:
    told = sandbox.region("45")
    wanted = {"region": "45", "number": told["people"][0]["number"], "circumstance": "purple"}
    refused = sandbox.board.post("/api/person", json=wanted)
    assert refused.status_code == 404
    assert refused.json()["error"] == f"region 45 has no purple; it has {', '.join(told['statuses'])}"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "sandbox.example"},
        {"origin": "http://sandbox.example"},
        {"origin": "null"},
        {"content-type": "text/plain"},
    ],
)
def test_pages_of_elsewhere_cannot_turn_the_switchboard(sandbox: RunningSandbox, headers: dict[str, str]) -> None:
    body = json.dumps({"region": "42", "fault": "html"})
    sent = {"content-type": "application/json", **headers}
    assert sandbox.board.post("/api/fault", content=body, headers=sent).status_code == 400
    assert sandbox.region("42")["fault"] is None


@pytest.mark.parametrize("query", ["count=1001", "from=-1", "from=x", "count=-1"])
def test_records_are_asked_for_in_bounds(sandbox: RunningSandbox, query: str) -> None:
    refused = httpx.get(f"{sandbox.region('54')['url']}/_records?{query}", trust_env=False)
    assert refused.status_code == 400
    assert "count at most 1000" in refused.json()["error"]


@pytest.mark.parametrize(("language", "word"), [("zh", "总控台"), ("en", "Switchboard")])
def test_the_page_speaks_both_languages_and_loads_nothing_from_elsewhere(
    sandbox: RunningSandbox, language: str, word: str
) -> None:
    page = sandbox.board.get("/", params={"lang": language})
    assert f"<h1>{word}" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    parts = re.findall(r'(?:src|href)="([^"#?]+)"', page.text)
    assert len(parts) >= 3
    for part in (*parts, "/pages/words.js"):
        assert part.startswith("/")
        assert sandbox.board.get(part).status_code == 200
    assert all(f'value="{kind}"' in page.text for kind in FaultKind)


def test_the_start_says_where_each_region_is_how_it_is_asked_and_who_is_there(sandbox: RunningSandbox) -> None:
    for region in REGIONS:
        told = sandbox.region(region)
        assert f"{region} {told['name']['zh']} {told['name']['en']}" in sandbox.said
        assert told["url"] in sandbox.said
        assert told["people"][0]["number"] in sandbox.said
        for exchange in told["asked"]:
            assert f"{exchange['method']} {exchange['path']}" in sandbox.said
            assert exchange["body"] in sandbox.said


def test_the_same_seed_gives_the_same_people_and_another_one_others() -> None:
    def people(seed: str) -> list[dict[str, Any]]:
        with running("45", "--people", "30", "--seed", seed, "--on", "2020-04-20") as started:
            return [{**each, "refreshed_at": None} for each in started.region("45")["people"]]

    assert people("7") == people("7") != people("8")


def test_a_fault_from_the_start_strikes_every_back_end_even_one_that_never_ends() -> None:
    with running("45", "--people", "10", "--fault", "endless") as started:
        assert "endless" in started.said
        number = started.region("45")["people"][0]["number"]
        assert started.ask("45", number) is ReasonId.SOURCE_UNREADABLE


def test_another_day_has_the_statuses_of_that_day() -> None:
    with running("44", "--people", "10", "--on", "2020-03-20") as started:
        assert set(started.region("44")["statuses"].values()) == {"blue", "red", "init"}
    with running("44", "--people", "10", "--on", "2020-06-01") as started:
        assert set(started.region("44")["statuses"].values()) == {"green", "yellow", "red", "init"}


def test_a_region_that_is_not_packaged_is_served_from_its_profile_alone() -> None:
    file = ROOT / "vectors" / "dialects" / "paper.toml"
    with running(str(file), "--people", "10") as started:
        assert "ZM97." in started.said
        assert started.region("97")["family"] == "paper"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is absent")
def test_the_example_in_the_documentation_goes_as_it_stands_there() -> None:
    page = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    commands = [line for block in re.findall(r"```sh\n(curl.*?)```", page, re.DOTALL) for line in split_commands(block)]
    assert len(commands) == 4
    with running("45") as started:
        for line in re.findall(r"^    .*(?:人员 person|GXJKM:).*$", page, re.MULTILINE):
            assert line.strip() in started.said
        answers = []
        for command in (commands[0], commands[1], commands[0], commands[2], commands[0], commands[3], commands[0]):
            local = command.replace("http://127.0.0.1:8501", started.region("45")["url"])
            answers.append(subprocess.run(shlex.split(local), capture_output=True, text=True, check=True).stdout)
    green, _, red, _, page_of_html, _, mended = answers
    assert '"code_color":"green"' in green
    assert '"code_color":"red"' in red == mended
    assert page_of_html.startswith("<!DOCTYPE html>")


def split_commands(block: str) -> list[str]:
    return [command.strip() for command in re.split(r"\n(?=curl)", block.replace("\\\n", " "))]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["98"], "no region 98; there are: 11, 12"),
        (["42", "--fault", "earthquake"], "no fault earthquake; there are: unavailable, slow"),
        (["42", "--people", "0"], "from 1 to 100000 people in each of 1 region(s), not 0"),
        (["all", "--people", "100000"], f"from 1 to {PEOPLE_OF_ALL_MAX // len(REGIONS)} people in each"),
        (["42", "--port", "80"], "the first port must be from 1024"),
        (["42", "--on", "2019-01-01"], "region 42 had no statuses on 2019-01-01; from 2020-02-01 on"),
        (["absent.toml"], "absent.toml: No such file or directory"),
        (["42", "--on", "yesterday"], "Invalid value for '--on'"),
        (["42", "--seed", "x"], "Invalid value for '--seed'"),
    ],
)
def test_what_cannot_be_simulated_is_refused_with_a_reason(arguments: list[str], why: str) -> None:
    done = subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_named() -> None:
    first, taken = choose_ports(2, 0)
    with socket.create_server(("127.0.0.1", taken)):
        command = [*PROGRAM, "42", "--port", str(first)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"port {taken} on 127.0.0.1 is in use" in done.stderr
    assert "--port" in done.stderr
