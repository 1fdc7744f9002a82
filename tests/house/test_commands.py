"""The commands that pages show are there: in the Makefile, and in the program."""

import re

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from tests.house.tree import page
from tongxing.cli import app

README_PAGES = ("README.md", "README.zh.md")


def commands_of(name: str) -> list[str]:
    """Return the commands that a page shows in its shell blocks, continuation lines joined."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page(name), re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", [*README_PAGES, "CONTRIBUTING.md"])
def test_every_make_command_of_a_page_is_in_the_makefile(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE))
    named = {
        match[1]
        for text in [*commands_of(name), *re.findall(r"`(make [^`]+)`", page(name))]
        for match in re.finditer(r"\bmake ([a-z]+)", text)
    }
    assert named
    assert named <= targets


@pytest.mark.parametrize("name", README_PAGES)
def test_every_tongxing_command_of_a_page_is_known(name: str) -> None:
    shown = re.findall(r"\btongxing((?: [a-z]+)*) --help", "\n".join(commands_of(name)))
    shown += re.findall(r"`tongxing((?: [a-z]+)+)[^`]*`", page(name))
    known = get_command(app)
    for words in {tuple(each.split()) for each in shown}:
        command = known
        for word in words:
            assert isinstance(command, TyperGroup), f"{name}: tongxing {' '.join(words)}"
            assert word in command.commands, f"{name}: tongxing {' '.join(words)}"
            command = command.commands[word]


def test_both_readmes_show_the_same_commands() -> None:
    assert commands_of("README.md") == commands_of("README.zh.md")


def test_the_makefile_lists_every_command() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", page("Makefile"), re.MULTILINE)
    assert phony
    listed = set(re.findall(r"^([a-z]+):.*## ", page("Makefile"), re.MULTILINE))
    assert listed == {
        "help",
        "setup",
        "demo",
        "test",
        "check",
        "bench",
        "faults",
        "cluster",
        "fuzz",
        "docs",
        "lock",
        "clean",
    }
    assert listed <= set(phony[1].split())
