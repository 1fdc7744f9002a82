"""The command line: what it prints, what it writes, and how it ends for whose fault."""

import io
import json
import stat
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from tests.world import AT, ROOT, World
from tongxing.app.key_files import public_text
from tongxing.cli import EXIT_FAULT, EXIT_REFUSED, codes
from tongxing.cli.output import EXIT_OF_OUTCOME
from tongxing.core.verdicts import Outcome
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.wire.qr import encode_qr_png

SMALL_LIST = files("tongxing.simulation") / "small_risk_list.json"

Ran = tuple[int, str, str]
Run = Callable[..., Ran]


@pytest.mark.parametrize("suite", ["EdDSA", "ES256", "seal"])
def test_a_new_key_is_its_owners_alone_and_only_its_public_half_is_shown(run: Run, tmp_path: Path, suite: str) -> None:
    path = tmp_path / "key.json"
    ended, out, _ = run("keys", "new", path, "--suite", suite)
    assert ended == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    seed = json.loads(path.read_text(encoding="utf-8"))["seed_hex"]
    assert f"{suite}:" in out
    shown = run("keys", "show", path, "--json")
    assert seed not in out + "".join(map(str, shown))
    assert json.loads(shown[1])["public"] in out


def test_the_shown_key_is_the_one_in_the_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    run("keys", "new", path)
    seed = bytes.fromhex(json.loads(path.read_text(encoding="utf-8"))["seed_hex"])
    public = SigningKey.from_seed(SuiteId.EDDSA, seed).public
    shown = json.loads(run("keys", "show", path, "--json")[1])
    assert shown == {"public": f"EdDSA:{public.raw.hex()}", "key_id": public.kid.hex()}


def test_a_key_is_never_written_over_another(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    run("keys", "new", path)
    held = path.read_bytes()
    ended, _, err = run("keys", "new", path)
    assert (ended, path.read_bytes()) == (EXIT_REFUSED, held)
    assert "Traceback" not in err


def test_a_risk_list_is_told_as_a_table_and_as_json(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(SMALL_LIST.read_bytes())
    at = ("--at", "2022-12-31T00:00:00+08:00")
    ended, out, _ = run("risk", "import", path, *at)
    assert ended == 0
    told = json.loads(run("risk", "import", path, *at, "--json")[1])
    assert sum(row["entries"] for row in told["by_placement"].values()) == told["entries"] > 0
    assert all(placement in out for placement in told["by_placement"])
    assert f"{told['entries']} entries" in out


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"{}", b'{"data": []}'], ids=["empty", "html", "{}", "[]"])
def test_what_is_no_risk_list_is_refused(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(content)
    ended, out, err = run("risk", "import", path)
    assert (ended, out) == (EXIT_REFUSED, "")
    assert err.startswith("refused: ")


def test_a_file_that_is_not_there_is_refused_by_its_name(run: Run, tmp_path: Path) -> None:
    ended, _, err = run("risk", "import", tmp_path / "none.json")
    assert ended == EXIT_REFUSED
    assert "none.json" in err


AT_GATEWAY = ("--gateway", "http://127.0.0.1:1", "--key", "k")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("verify",), id="nothing shown"),
        pytest.param(("verify", "x", "--image", "y.png"), id="text and picture"),
        pytest.param(("verify", "x"), id="nobody to decide"),
        pytest.param(("verify", "x", "--bundle", "b", "--gateway", "http://127.0.0.1:1"), id="two to decide"),
        pytest.param(("verify", "x", "--gateway", "http://127.0.0.1:1"), id="a gateway without a key"),
        pytest.param(("verify", "x", "--bundle", "none", "--at", "2020-03-21"), id="a moment without an offset"),
        pytest.param(("verify", "x", *AT_GATEWAY, "--view", "citizen"), id="another's view at a gateway"),
        pytest.param(("verify", "x", *AT_GATEWAY, "--view", "guard"), id="the guard's view at a gateway by name"),
        pytest.param(("verify", "x", *AT_GATEWAY, "--at", "2020-03-21T12:00:00+08:00"), id="a moment at a gateway"),
        pytest.param(("verify", "x", *AT_GATEWAY, "--host", "45"), id="a host at a gateway"),
        pytest.param(
            ("verify", "x", "--bundle", "none", "--at", "0001-01-01T00:00:00+14:00"), id="a moment before the calendar"
        ),
        pytest.param(("verify", "x", "--bundle", "none", "--at", "9999-12-31T23:59:59Z"), id="a moment at its end"),
        pytest.param(("make", "994201199003070011", "--gateway", "http://127.0.0.1:1", "--key", "k"), id="no name"),
        pytest.param(("make", "-", "王小明", "--gateway", "http://127.0.0.1:1", "--key", "k"), id="a name too many"),
        pytest.param(("risk", "import", "none", "--hub", "http://127.0.0.1:1"), id="a hub without a key"),
    ],
)
def test_what_cannot_be_done_as_asked_is_refused_in_one_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    ended, out, err = run(*arguments)
    assert (ended, out) == (EXIT_REFUSED, "")
    assert err.startswith("refused: ")
    assert "Traceback" not in err


def test_a_gateway_that_is_away_is_no_verdict(run: Run, tmp_path: Path) -> None:
    key, picture = tmp_path / "key.json", tmp_path / "code.png"
    run("keys", "new", key)
    picture.write_bytes(encode_qr_png("HBJKM.x", 4))
    ended, out, err = run("verify", "--image", picture, "--gateway", "http://127.0.0.1:1", "--key", key)
    assert (ended, out) == (EXIT_REFUSED, "")
    assert err.startswith("refused: ")


@pytest.mark.parametrize(
    "address", ["notaurl", "http://[::1", "http://", "http://127.0.0.1:x", "ftp://h", "http://h/path", "http://主机\n"]
)
def test_what_is_no_address_is_refused_by_what_was_given(run: Run, tmp_path: Path, address: str) -> None:
    key = tmp_path / "key.json"
    run("keys", "new", key)
    ended, out, err = run("verify", "x", "--gateway", address, "--key", key)
    assert (ended, out) == (EXIT_REFUSED, "")
    assert "as http://host:port" in err or "IPv6" in err or "port" in err.lower()
    assert "Traceback" not in err


@pytest.fixture
def by_bundle(tmp_path: Path) -> tuple[object, ...]:
    """The options that decide from the world's bundle."""
    (tmp_path / "bundle").write_bytes(World().bundle())
    root = public_text(ROOT.public)
    return ("--bundle", tmp_path / "bundle", "--root", root, "--at", AT.isoformat(), "--json")


@pytest.mark.parametrize("host", ["", "4", "452", "四二", "4２", "99", "45 "])
def test_a_host_that_is_no_region_of_the_bundle_is_refused(run: Run, by_bundle: tuple[object, ...], host: str) -> None:
    ended, out, err = run("verify", "x", *by_bundle, "--host", host)
    assert (ended, out) == (EXIT_REFUSED, "")
    assert "--host" in err


def test_what_is_no_unicode_is_no_code_by_argument_and_by_standard_input(
    run: Run, by_bundle: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 3: a REFER like any other rubbish, not an error of ours."""
    options = (*by_bundle, "--host", "45")
    told = [run("verify", "HBJKM.\udcff\ud800", *options)]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"HBJKM.\xff\xfe\n"), "utf-8"))
    told.append(run("verify", "-", *options))
    for ended, out, err in told:
        assert (ended, err) == (EXIT_OF_OUTCOME[Outcome.REFER], "")
        assert json.loads(out)["outcome"] == "REFER"
    assert told[0] == told[1]


@pytest.mark.parametrize("given", ["{number}\n{name}\n", '{{"document_number": "{number}", "name": "{name}"}}'])
def test_number_and_name_come_from_standard_input(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    told = given.format(number="994201199003070011", name="王小明").encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(told), "utf-8"))
    assert codes.read_person("-", None) == ("994201199003070011", "王小明")


@pytest.mark.parametrize(
    "given", [b"", b"994201\n", b"994201\n\xff\n", b"{}", b'{"document_number": 994201}', b"1\n2\n3\n"]
)
def test_what_holds_no_number_and_name_is_refused_without_repeating_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, given: bytes
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))
    ended, out, err = run("make", "-", "--gateway", "http://127.0.0.1:1", "--key", "k")
    assert (ended, out) == (EXIT_REFUSED, "")
    assert "standard input" in err
    assert "994201" not in err


def test_settings_are_checked_without_starting_a_node(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, _, err = run("serve", "--check")
    assert ended == EXIT_REFUSED
    assert "TONGXING_NODE" in err
    hub = {"NODE": "hub", "STATE_DIR": "s", "KEYS_DIR": "k", "PUBLIC_URLS": '["http://127.0.0.1:8000"]'}
    for name, value in hub.items():
        monkeypatch.setenv(f"TONGXING_{name}", value)
    ended, out, _ = run("serve", "--check")
    assert ended == 0
    assert "hub" in out


def test_only_a_pass_ends_with_nought() -> None:
    assert [outcome.value for outcome, ended in EXIT_OF_OUTCOME.items() if ended == 0] == ["PASS"]
    assert len(set(EXIT_OF_OUTCOME.values())) == len(EXIT_OF_OUTCOME)
    assert {EXIT_REFUSED, EXIT_FAULT}.isdisjoint(EXIT_OF_OUTCOME.values())
