"""The locks pin name, version and hash of everything that is installed, and name no host."""

import json
import re
import tomllib

import pytest

from tests.house.tree import ROOT

LOCKS = ("run.txt", "dev.txt", "build.txt", "fuzz.txt", "node.txt")
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+) \\$", re.MULTILINE)


def text_of(lock: str) -> str:
    return (ROOT / "requirements" / lock).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, str]:
    return dict(PIN.findall(text_of(lock)))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock: str) -> None:
    assert not re.search(r"://|@ |index-url|find-links|trusted-host", text_of(lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    blocks = re.split(r"^(?=\S)", text_of(lock), flags=re.MULTILINE)
    assert len([block for block in blocks if block]) == len(pins(lock))
    assert [block.split()[0] for block in blocks if block and "--hash=sha256:" not in block] == []


def test_everything_that_is_declared_is_pinned() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = declared["dependency-groups"]

    def names(requirements: list[object]) -> set[str]:
        return {re.split(r"[<>=~! ;\[]", each)[0] for each in requirements if isinstance(each, str)}

    assert names(declared["project"]["dependencies"]) <= set(pins("run.txt"))
    assert names(groups["dev"]) <= set(pins("dev.txt"))
    assert names(groups["build"]) == set(pins("build.txt"))
    assert names(groups["fuzz"]) == set(pins("fuzz.txt"))
    assert names(groups["node"]) == set(pins("node.txt"))


def test_the_workshop_tests_with_what_the_system_runs_on() -> None:
    assert pins("run.txt").items() <= pins("dev.txt").items()
    assert pins("build.txt").items() <= pins("dev.txt").items()


def test_what_comes_from_npm_is_pinned_by_hash_and_names_no_host() -> None:
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))
    installed = {name: entry for name, entry in lock["packages"].items() if name}
    assert installed
    assert [name for name, entry in installed.items() if not entry.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, entry in installed.items() if "resolved" in entry] == []
