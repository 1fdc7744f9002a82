"""The hub's secret behind subject keys in versions: rotated, both counting, retired, never reused, never erased."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tongxing.app.key_files import save_new_key
from tongxing.app.subject_secrets import load_subject_secrets, retire_subject_secret, rotate_subject_secret
from tongxing.cli import app
from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_new_key(tmp_path / "subjects.json", "secret", os.urandom)
    save_new_key(tmp_path / "verifiers.json", "secret", os.urandom)
    return tmp_path


def versions(folder: Path) -> list[int]:
    return [secret.version for secret in load_subject_secrets(folder)]


def test_a_new_hub_has_version_one(folder: Path) -> None:
    assert versions(folder) == [1]


def test_after_a_rotation_both_versions_count_the_new_one_first(folder: Path) -> None:
    (old,) = load_subject_secrets(folder)
    assert rotate_subject_secret(folder, os.urandom) == (2, folder / "subjects-2.json")
    new, still = load_subject_secrets(folder)
    assert (new.version, still) == (2, old)
    assert new.raw != old.raw
    assert (folder / "subjects-2.json").stat().st_mode & 0o777 == 0o600


def test_a_second_rotation_waits_until_the_older_version_is_retired(folder: Path) -> None:
    rotate_subject_secret(folder, os.urandom)
    with pytest.raises(Refused) as refused:
        rotate_subject_secret(folder, os.urandom)
    assert refused.value.problem is ProblemId.CONFLICT
    assert retire_subject_secret(folder) == (1, folder / "subjects.retired")
    assert versions(folder) == [2]
    assert rotate_subject_secret(folder, os.urandom)[0] == 3
    assert versions(folder) == [3, 2]
    assert retire_subject_secret(folder) == (2, folder / "subjects-2.retired")


def test_the_last_version_is_never_retired(folder: Path) -> None:
    with pytest.raises(Refused) as refused:
        retire_subject_secret(folder)
    assert refused.value.problem is ProblemId.CONFLICT
    assert versions(folder) == [1]


def test_a_folder_without_a_secret_is_a_fault_that_names_it(tmp_path: Path) -> None:
    for use in (load_subject_secrets, lambda where: rotate_subject_secret(where, os.urandom)):
        with pytest.raises(Fault, match=str(tmp_path)):
            use(tmp_path)
    with pytest.raises(Fault, match="nowhere"):
        load_subject_secrets(tmp_path / "nowhere")


def test_three_counting_versions_are_a_fault(folder: Path) -> None:
    for version in (2, 3):
        save_new_key(folder / f"subjects-{version}.json", "secret", os.urandom)
    with pytest.raises(Fault, match="3 versions"):
        load_subject_secrets(folder)


def test_a_version_that_cannot_be_read_is_a_fault_and_not_left_out(folder: Path) -> None:
    """A hub that left one out would tell other keys for the same people."""
    rotate_subject_secret(folder, os.urandom)
    (folder / "subjects.json").write_text("{}")
    with pytest.raises(Fault, match=r"subjects\.json"):
        load_subject_secrets(folder)


def test_files_of_other_names_are_no_versions(folder: Path) -> None:
    for name in ("subjects-0.json", "subjects-x.json", "subjects-2.json.bak", "xsubjects-2.json", "subjects-02.json"):
        (folder / name).write_text("{}")
    assert versions(folder) == [1]


def test_the_command_line_rotates_and_prints_no_secret(folder: Path) -> None:
    rotated = CliRunner().invoke(app, ["keys", "rotate-subjects", str(folder)])
    assert rotated.exit_code == 0
    assert "version 2" in rotated.stdout
    again = CliRunner().invoke(app, ["keys", "rotate-subjects", str(folder)])
    assert again.exit_code != 0
    seed = load_subject_secrets(folder)[0].raw.hex()
    assert seed not in rotated.stdout
