"""``tongxing transit-pass``: what is no plate, no route or no time is refused before anybody is asked."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.services.desks import synthetic_number
from tongxing.cli import app
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId

NOBODY = "http://127.0.0.1:9"


def key_file(folder: Path) -> Path:
    path = folder / "key.json"
    path.write_text(json.dumps({"kind": "tongxing-key", "suite": "EdDSA", "seed_hex": "11" * 32}))
    path.chmod(0o600)
    return path


def make(
    folder: Path, *options: str, told: str = f"{synthetic_number()}\n王小明\n"
) -> tuple[int, BaseException | None]:
    """Run the command for a driver told on standard input, at a gateway that is not there."""
    given = dict(zip(options[::2], options[1::2], strict=True))
    wanted = {"--plate": "鄂A12345", "--route": "42,45", "--gateway": NOBODY, "--key": str(key_file(folder)), **given}
    arguments = [word for pair in wanted.items() for word in pair]
    ran = CliRunner().invoke(app, ["transit-pass", "make", "-", *arguments], input=told)
    return ran.exit_code, ran.exception


@pytest.mark.parametrize(
    "options",
    [
        ("--plate", "A12345"),
        ("--plate", "鄂A1234O"),
        ("--route", ""),
        ("--route", "42,,45"),
        ("--route", "42,42"),
        ("--route", "Hubei"),
        ("--from", "tomorrow"),
        ("--gateway", "nowhere"),
    ],
    ids=repr,
)
def test_what_is_no_journey_is_refused(tmp_path: Path, options: tuple[str, str]) -> None:
    _, error = make(tmp_path, *options)
    assert isinstance(error, Refused)
    assert error.problem is ProblemId.BAD_REQUEST


@pytest.mark.parametrize("hours", ["0", "73", "-1", "long"])
def test_no_pass_is_asked_for_longer_than_one_may_be(tmp_path: Path, hours: str) -> None:
    assert make(tmp_path, "--hours", hours)[0] == 2


def test_a_gateway_that_is_away_is_told_as_that(tmp_path: Path) -> None:
    _, error = make(tmp_path)
    assert isinstance(error, Refused)
    assert error.problem is ProblemId.UPSTREAM_AWAY
    ran = CliRunner().invoke(
        app, ["transit-pass", "withdraw", "00" * 16, "--gateway", NOBODY, "--key", str(key_file(tmp_path))]
    )
    assert isinstance(ran.exception, Refused)


def test_no_drivers_number_is_repeated_in_an_error(tmp_path: Path) -> None:
    _, error = make(tmp_path, told="994201199003070010\n王小明\n")
    assert isinstance(error, Refused)
    assert "9942" not in str(error)
