"""``tongxing verify --temperature``: what is no temperature is refused by name, never rounded into one."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.world import AT, GUANGXI, ROOT, World, insecure_test_seed
from tongxing.app.key_files import public_text
from tongxing.cli import app
from tongxing.core.errors import Refused

WORLD = World()


def verify(folder: Path, *options: str) -> tuple[int, str, BaseException | None]:
    """Run the command on a green code that Guangxi would let through; return exit code, output and error."""
    bundle, key = folder / "bundle", folder / "sealing.json"
    bundle.write_bytes(WORLD.bundle())
    seed = insecure_test_seed(f"seal {GUANGXI}")
    key.write_text(json.dumps({"kind": "tongxing-key", "suite": "seal", "seed_hex": seed.hex()}))
    key.chmod(0o600)
    arguments = ["verify", "-", "--bundle", str(bundle), "--root", public_text(ROOT.public), "--host", GUANGXI]
    arguments += ["--sealing-key", str(key), "--at", AT.isoformat(), "--lang", "en", *options]
    ran = CliRunner().invoke(app, arguments, input=WORLD.national_code())
    return ran.exit_code, ran.output, ran.exception


@pytest.mark.parametrize(
    ("options", "exit_code", "told"),
    [
        (["--temperature", "37.2", "--confirmed"], 0, "Let the person through"),
        (["--temperature", "37.3", "--confirmed"], 11, "37.3 °C or more"),
        (["--temperature", "37.3"], 0, "was not confirmed"),
        (["--direction", "in"], 0, "Let the person through"),
    ],
)
def test_a_reading_is_decided_on_and_told(tmp_path: Path, options: list[str], exit_code: int, told: str) -> None:
    got, output, _ = verify(tmp_path, *options)
    assert got == exit_code
    assert told in output


@pytest.mark.parametrize("celsius", ["29.9", "45.1", "373", "nan", "inf", "-37.5"])
def test_what_nobody_can_have_is_refused(tmp_path: Path, celsius: str) -> None:
    _, _, error = verify(tmp_path, f"--temperature={celsius}", "--confirmed")
    assert isinstance(error, Refused)
    assert "--temperature" in error.detail


@pytest.mark.parametrize("options", [["--temperature", "warm"], ["--direction", "sideways"]])
def test_other_words_are_no_options(tmp_path: Path, options: list[str]) -> None:
    assert verify(tmp_path, *options)[0] == 2


@pytest.mark.parametrize(
    "shown",
    [
        "test",
        "test=negative",
        "test=negative@yesterday",
        "test=negative@2020-03-20T00:00:00",
        "test=fine@2020-03-20T00:00:00Z",
        "test@2020-03-20T00:00:00Z",
        "blood=negative@2020-03-20T00:00:00Z",
        "recovery=negative@2020-03-20T00:00:00Z",
        "test=negative@2020-03-22T00:00:00Z",
    ],
)
def test_a_paper_that_cannot_be_is_refused(tmp_path: Path, shown: str) -> None:
    _, _, error = verify(tmp_path, "--shown", shown)
    assert isinstance(error, Refused)


def test_papers_and_groups_are_taken(tmp_path: Path) -> None:
    papers = ["--shown", "test=negative@2020-03-20T00:00:00Z", "--shown", "vaccination=boosted@2020-03-01T00:00:00Z"]
    code, output, error = verify(tmp_path, *papers, "--group", "child", "--asked", "antigen")
    assert (code, error is None or isinstance(error, SystemExit)) == (0, True), output
    assert verify(tmp_path, "--group", "lorry")[0] == 2
    assert isinstance(verify(tmp_path, *papers * 5)[2], Refused)
