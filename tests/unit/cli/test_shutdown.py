"""``tongxing shutdown`` leaves nothing but a report that an auditor can check; ``tongxing retention`` checks it."""

import asyncio
import socket
from pathlib import Path

import pytest

from tests.contract.samples import passage, row
from tests.fakes.access_stores import CountedEntropy
from tests.unit.cli.conftest import Run
from tongxing.app.node_keys import HUB_FILES, make_keys
from tongxing.cli import EXIT_REFUSED
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


def test_what_is_kept_is_told_with_its_purpose(run: Run) -> None:
    status, told, _ = run("retention", "show", "--lang", "en")
    assert status == 0
    assert "looks: so that people see who looked [at_us + 90 d]" in told
