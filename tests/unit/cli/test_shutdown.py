"""``tongxing shutdown`` leaves nothing but a report that an auditor can check; ``tongxing retention`` checks it."""

import asyncio
import os
import socket
from pathlib import Path

import psycopg
import pytest

from tests.contract.samples import passage, row
from tests.fakes.access_stores import CountedEntropy
from tests.real_servers import Databases
from tests.unit.cli.conftest import Run
from tongxing.app.node_keys import HUB_FILES, make_keys
from tongxing.cli import EXIT_REFUSED
from tongxing.stores.copying import copy_record
from tongxing.stores.sqlite.stores import open_stores

MARK = b"synthetic-mark-0451"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a stopped hub's folder; it holds two reports and a passage whose sealed views are known."""

    async def fill() -> None:
        stores = open_stores(tmp_path / "node.sqlite")
        await stores.reports.put_reports([row(1), row(2)])
        await stores.passages.record(passage("p1", views=MARK))
        await stores.aclose()

    tmp_path.chmod(0o700)
    make_keys(tmp_path / "keys", HUB_FILES, CountedEntropy())
    asyncio.run(fill())
    told = {
        "NODE": "hub",
        "STATE_DIR": tmp_path,
        "KEYS_DIR": tmp_path / "keys",
        "PUBLIC_URLS": '["http://127.0.0.1:1"]',
        "LISTEN_PORT": free_port(),
    }
    for name, value in told.items():
        monkeypatch.setenv(f"TONGXING_{name}", str(value))
    return tmp_path


def signed_by(told: str) -> str:
    return next(line.partition(": ")[2] for line in told.splitlines() if line.startswith("signed by"))


def test_everything_is_erased_also_from_the_file_and_the_report_can_be_checked(run: Run, hub: Path) -> None:
    assert any(MARK in file.read_bytes() for file in hub.glob("node.sqlite*"))
    report = hub / "report.cose"
    status, told, errors = run("shutdown", "--confirm", "00", "--report", report)
    assert status == 0, errors
    assert "reports: 2 deleted, 0 held" in told
    assert not any(MARK in file.read_bytes() for file in hub.glob("node.sqlite*"))
    assert list((hub / "keys").iterdir()) == []
    status, checked, _ = run("retention", "verify", report, "--key", signed_by(told))
    assert status == 0
    assert "report 1 of region 00, shutdown" in checked


def test_a_changed_report_and_another_key_are_refused(run: Run, hub: Path) -> None:
    report = hub / "report.cose"
    _, told, _ = run("shutdown", "--confirm", "00", "--report", report)
    key, signed = signed_by(told), report.read_bytes()
    report.write_bytes(signed.replace(b"reports\x02", b"reports\x03"))
    assert report.read_bytes() != signed
    status, _, why = run("retention", "verify", report, "--key", key)
    assert (status, "did not sign" in why) == (EXIT_REFUSED, True)
    report.write_bytes(b"\x00" * 40)
    assert run("retention", "verify", report, "--key", key)[0] == EXIT_REFUSED


@pytest.mark.parametrize("confirmed", ["45", ""])
def test_nothing_is_erased_unless_the_region_is_said_once_more(run: Run, hub: Path, confirmed: str) -> None:
    status, _, why = run("shutdown", "--confirm", confirmed, "--report", hub / "report.cose")
    assert (status, "region 00" in why) == (EXIT_REFUSED, True)
    assert any(MARK in file.read_bytes() for file in hub.glob("node.sqlite*"))
    assert not (hub / "report.cose").exists()


def test_a_node_that_still_runs_is_not_erased(run: Run, hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("TONGXING_LISTEN_PORT", str(listener.getsockname()[1]))
        status, _, why = run("shutdown", "--confirm", "00", "--report", hub / "report.cose")
    assert (status, "stop the node first" in why) == (EXIT_REFUSED, True)
    assert (hub / "keys" / "statement.json").exists()


def test_a_record_that_another_process_has_open_is_not_erased(run: Run, hub: Path) -> None:
    """Another port than the node's answers nothing: the file itself says that somebody has it."""
    stores = open_stores(hub / "node.sqlite")
    try:
        status, _, why = run("shutdown", "--confirm", "00", "--report", hub / "report.cose")
        assert (status, "has the record open" in why) == (EXIT_REFUSED, True)
        assert len(asyncio.run(stores.reports.reports_of(row(1).subject))) == 1
    finally:
        asyncio.run(stores.aclose())
    assert run("shutdown", "--confirm", "00", "--report", hub / "report.cose")[0] == 0


def test_of_a_database_every_other_connection_counts(
    run: Run, hub: Path, monkeypatch: pytest.MonkeyPatch, postgres_databases: Databases
) -> None:
    address = postgres_databases.new()
    copy_record(hub / "node.sqlite", address, lambda _: None)
    monkeypatch.setenv("TONGXING_RECORD", address)
    with psycopg.connect(address):
        status, _, why = run("shutdown", "--confirm", "00", "--report", hub / "report.cose")
        assert (status, "has the record open" in why) == (EXIT_REFUSED, True)
    status, told, errors = run("shutdown", "--confirm", "00", "--report", hub / "report.cose")
    assert status == 0, errors
    assert "reports: 2 deleted, 0 held" in told


@pytest.mark.parametrize("wrong", ["another folder", "an empty record"])
def test_settings_of_another_place_erase_no_key(
    run: Run, hub: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong: str
) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    if wrong == "an empty record":
        asyncio.run(open_stores(other / "node.sqlite").aclose())
    monkeypatch.setenv("TONGXING_STATE_DIR", str(other))
    status, _, why = run("shutdown", "--confirm", "00", "--report", hub / "report.cose")
    assert (status, "the node's settings?" in why) == (EXIT_REFUSED, True)
    assert len(list((hub / "keys").iterdir())) == len(HUB_FILES)


@pytest.mark.parametrize("point", ["write_file", "reclaim_sqlite", "unlink"])
def test_a_shutdown_that_is_stopped_midway_is_begun_again_and_hands_out_the_one_report(
    run: Run, hub: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Killed before the report is written, before the file is, and with half of the keys erased."""
    erased = 0

    def die_at_the_fourth(path: Path, **_: bool) -> None:
        nonlocal erased
        erased += path.parent.name == "keys"
        if erased == 4:
            raise KeyboardInterrupt
        os.unlink(path)  # noqa: PTH108 - what stands in for pathlib's

    def die(*_: object) -> None:
        if point == "write_file" and not (hub / "report.cose").exists():
            (hub / "report.cose").touch()
            return
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        if point == "unlink":
            dying.setattr(Path, "unlink", die_at_the_fourth)
        else:
            module = "tongxing.cli.shutdown" if point == "write_file" else "tongxing.app.shutting_down"
            dying.setattr(f"{module}.{point}", die)
        assert run("shutdown", "--confirm", "00", "--report", hub / "report.cose")[0] != 0
    assert (hub / "keys" / "statement.json").exists()
    report = hub / "again.cose"
    status, told, errors = run("shutdown", "--confirm", "00", "--report", report)
    assert status == 0, errors
    assert "report 1 of region 00, shutdown" in told
    assert "reports: 2 deleted, 0 held" in told
    assert list((hub / "keys").iterdir()) == []
    assert not any(MARK in file.read_bytes() for file in hub.glob("node.sqlite*"))
    status, _, why = run("shutdown", "--confirm", "00", "--report", hub / "third.cose")
    assert (status, "shut down before" in why) == (EXIT_REFUSED, True)
    assert run("retention", "export", hub / "reports")[0] == 0
    assert (hub / "reports" / "000001.cose").read_bytes() == report.read_bytes()


def test_no_backup_is_left_behind_by_a_shutdown(run: Run, hub: Path) -> None:
    copy = hub / "copies" / "1.sqlite"
    copy.parent.mkdir(mode=0o700)
    assert run("backup", "make", copy)[0] == 0
    assert MARK in copy.read_bytes()
    assert copy.stat().st_mode & 0o077 == 0
    assert run("backup", "note", "tape 7", "--days", "9")[0] == 0
    assert run("backup", "make", copy)[0] == EXIT_REFUSED
    status, _, why = run("shutdown", "--confirm", "00", "--report", hub / "report.cose")
    assert (status, "2 backups are left" in why) == (EXIT_REFUSED, True)
    status, _, why = run("backup", "erase", "--all")
    assert (status, "tape 7" in why, copy.exists()) == (EXIT_REFUSED, True, False)
    assert "tape 7" in run("backup", "list")[1]
    assert run("backup", "erase", "tape 7", "--gone")[0] == 0
    assert run("backup", "list")[1] == ""
    assert run("shutdown", "--confirm", "00", "--report", hub / "report.cose")[0] == 0


def test_what_is_kept_is_told_with_its_purpose(run: Run) -> None:
    status, told, _ = run("retention", "show", "--lang", "en")
    assert status == 0
    assert "looks: so that people see who looked [at_us + 90 d]" in told
