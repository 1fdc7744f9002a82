"""``tongxing dock`` leads a region from nothing to taking part, skips no step, and leads it out again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.running_hub import OPERATORS, RunningHub, running_hub
from tests.unit.cli.conftest import Run
from tests.unit.conformance.examined_sites import profile_of, serving_site
from tests.world import World
from tongxing.app.key_files import save_new_key
from tongxing.app.packaged import PROFILES, load_files
from tongxing.cli import EXIT_REFUSED
from tongxing.simulation.sandbox.given_people import write_test_people

REGION = "50"
EMPTY = json.dumps({"data": {"end_update_time": "2020-03-21 11时", "highlist": [], "middlelist": []}}).encode()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[RunningHub]:
    now = datetime.now(UTC) - timedelta(seconds=1)
    with running_hub(tmp_path / "hub", World(issued_at=now).bundle(), [(now, EMPTY)], lambda _: ()) as running:
        yield running


@pytest.fixture
def operator(tmp_path: Path) -> Path:
    key = tmp_path / "operator.json"
    save_new_key(key, "EdDSA", lambda _count: OPERATORS[0].key.seed)
    return key


def prepare(run: Run, folder: Path) -> None:
    status, told, errors = run("dock", "prepare", folder, "--profile", REGION, "--url", "http://127.0.0.1:8450")
    assert status == 0, errors
    assert f"region {REGION}" in told


def examine(run: Run, folder: Path, tmp_path: Path) -> None:
    with serving_site(profile_of(REGION)) as site:
        (tmp_path / "people.toml").write_text(write_test_people(site), "utf-8")
        status, told, errors = run("dock", "test", folder, site.url, "--people", tmp_path / "people.toml")
    assert status == 0, told + errors


def fingerprint(run: Run, folder: Path) -> str:
    told = run("dock", "steps", folder)[1]
    return next(line.partition(": ")[2] for line in told.splitlines() if line.startswith("fingerprint"))


def takes_part(hub: RunningHub) -> bool:
    told = httpx.get(f"{hub.url}/v1/regions", trust_env=False).json()
    return next(bool(head["takes_part"]) for head in told["regions"] if head["region"] == REGION)


def test_a_region_is_led_from_nothing_to_taking_part_and_out_again(
    run: Run, tmp_path: Path, hub: RunningHub, operator: Path
) -> None:
    folder = tmp_path / "joining"
    prepare(run, folder)
    keys = {file.name: file.read_bytes() for file in (folder / "keys").iterdir()}
    prepare(run, folder)
    assert {file.name: file.read_bytes() for file in (folder / "keys").iterdir()} == keys
    secrets = [json.loads(key)["seed_hex"] for key in keys.values()]
    assert len(set(secrets)) == len(keys)
    assert not any(secret in (folder / "record.json").read_text() for secret in secrets)
    assert (folder / "keys").stat().st_mode & 0o077 == 0
    examine(run, folder, tmp_path)
    by = ("--hub", hub.url, "--key", operator)
    assert not takes_part(hub)
    assert run("dock", "go-live", folder, "--fingerprint", fingerprint(run, folder), *by)[0] == 0
    assert takes_part(hub)
    for step, after in (("suspend", False), ("suspend", False), ("resume", True), ("leave", False)):
        status, _, errors = run("dock", step, REGION, *by)
        assert (status, takes_part(hub)) == (0, after), errors


def test_no_older_folder_ends_a_suspension_or_brings_a_region_back_that_left(
    run: Run, tmp_path: Path, hub: RunningHub, operator: Path
) -> None:
    folder = tmp_path / "joining"
    prepare(run, folder)
    examine(run, folder, tmp_path)
    by = ("--hub", hub.url, "--key", operator)
    live = ("dock", "go-live", folder, "--fingerprint", fingerprint(run, folder), *by)
    assert run(*live)[0] == 0
    for step, said in (("suspend", "is suspended"), ("leave", "an ended key stays so")):
        assert run("dock", step, REGION, *by)[0] == 0
        status, _, why = run(*live)
        assert (status, said in why, takes_part(hub)) == (EXIT_REFUSED, True, False)
    assert run("dock", "resume", REGION, *by)[0] == EXIT_REFUSED
    again = tmp_path / "again"
    prepare(run, again)
    examine(run, again, tmp_path)
    assert run("dock", "go-live", again, "--fingerprint", fingerprint(run, again), *by)[0] == 0
    assert takes_part(hub)


@pytest.mark.parametrize("region", ["99", "00", "../50", ""])
def test_nobody_else_is_suspended_or_made_to_leave(run: Run, hub: RunningHub, operator: Path, region: str) -> None:
    assert run("dock", "leave", region, "--hub", hub.url, "--key", operator)[0] == EXIT_REFUSED


def test_a_folder_that_was_changed_on_its_way_does_not_go_live(run: Run, tmp_path: Path, operator: Path) -> None:
    """The record of another region, other keys, another back end: whatever was read out does not fit any more."""
    folder = tmp_path / "joining"
    prepare(run, folder)
    examine(run, folder, tmp_path)
    read_out = fingerprint(run, folder)
    record, tested = folder / "record.json", folder / "test-run.json"
    forgeries = {
        record: (f'"region": "{REGION}"', '"region": "42"'),
        tested: ("http://127.0.0.1", "http://127.0.0.1:1"),
    }
    for file, (old, new) in forgeries.items():
        whole = file.read_text()
        assert old in whole
        file.write_text(whole.replace(old, new))
        for said in (read_out, "0000" * 8):
            by = ("--fingerprint", said, "--hub", "http://127.0.0.1:9", "--key", operator)
            status, _, why = run("dock", "go-live", folder, *by)
            assert (status, "fingerprint is another" in why or "is of region" in why) == (EXIT_REFUSED, True)
        file.write_text(whole)
    assert fingerprint(run, folder) == read_out


def test_no_region_goes_live_untested_or_with_another_profile(run: Run, tmp_path: Path, operator: Path) -> None:
    folder = tmp_path / "joining"
    by = ("--fingerprint", "0", "--hub", "http://127.0.0.1:9", "--key", operator)
    prepare(run, folder)
    status, _, why = run("dock", "go-live", folder, *by)
    assert (status, "test-run.json" in why) == (EXIT_REFUSED, True)
    examine(run, folder, tmp_path)
    assert run("dock", "steps", folder)[0] == 0
    (folder / "profile.toml").write_bytes(load_files(PROFILES)[f"{REGION}.toml"] + b"\n# another\n")
    status, _, why = run("dock", "go-live", folder, *by)
    assert (status, "changed since" in why) == (EXIT_REFUSED, True)


def test_a_failed_test_run_does_not_go_live(run: Run, tmp_path: Path, operator: Path) -> None:
    folder = tmp_path / "joining"
    prepare(run, folder)
    examine(run, folder, tmp_path)
    told = json.loads((folder / "test-run.json").read_text())
    (folder / "test-run.json").write_text(json.dumps(told | {"conforms": False}))
    status, _, why = run(
        "dock", "go-live", folder, "--fingerprint", "0", "--hub", "http://127.0.0.1:9", "--key", operator
    )
    assert (status, "failed" in why) == (EXIT_REFUSED, True)


@pytest.mark.parametrize(
    "arguments", [("--profile", "999", "--url", "http://a"), ("--profile", "50", "--url", "ftp://a")]
)
def test_no_such_profile_and_no_address_are_refused(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert run("dock", "prepare", tmp_path / "joining", *arguments)[0] == EXIT_REFUSED
    assert not (tmp_path / "joining").exists()
