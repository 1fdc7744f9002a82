"""The repository stands by itself: no file names one machine's paths, a place outside, or an unlisted host."""

import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT, name_of, repository_files

HOSTS_NAMED = {
    *("127.0.0.1", "localhost", "[::1]"),
    *("www.rfc-editor.org", "datatracker.ietf.org", "www.iana.org", "www.w3.org", "www.apache.org"),
    *("keepachangelog.com", "semver.org"),
    # Names of code systems in cards from outside, written as addresses; nobody goes there.
    *("smarthealth.cards", "hl7.org", "loinc.org", "snomed.info"),
}
"""Hosts that a reader may be sent to. Addresses in examples end in ``.example`` or ``.invalid`` (RFC 2606)."""

RESERVED_ENDINGS = (".example", ".invalid", ".test", ".localhost", ".example.org", ".example.com")
MACHINE_PATHS = re.compile(r"(?<![\w.>}/-])/(?:work|root|home|Users|mnt|opt)/\w")


def texts() -> Iterator[tuple[Path, str]]:
    """Yield every text file of the repository."""
    for path in repository_files():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [
        f"{name_of(path)}: {match.group()}"
        for path, text in texts()
        if path != Path(__file__)
        for match in MACHINE_PATHS.finditer(text)
    ]
    assert found == []


def test_no_file_points_outside_the_repository() -> None:
    found = []
    for path, text in texts():
        for match in re.finditer(r"(?<![\w.])(?:\.\./)+[\w][\w./-]*", text):
            # Code speaks of paths from the root, a page from where it stands.
            is_page = path.suffix == ".md"
            target = ((path.parent if is_page else ROOT) / match.group()).resolve()
            # In a test, a path that leads nowhere is a hostile value and not a place.
            if not target.is_relative_to(ROOT) and (is_page or target.exists() or "tests" not in path.parts):
                found.append(f"{name_of(path)}: {match.group()}")
    assert found == []


def test_only_listed_hosts_are_named() -> None:
    found = set()
    for path, text in texts():
        # A profile names the source of each of its facts as it was; the licence is not ours to change.
        if path.name == "LICENSE" or "data" in path.parts:
            continue
        for match in re.finditer(r"https?://([^\s/:?#\"'`<>)\\|，。]+|\[::1\])", text):
            host = match.group(1)
            formatted = "{" in host or "%" in host
            # A name without a dot is nobody's host.
            if (
                "." in host.strip(".")
                and not formatted
                and host not in HOSTS_NAMED
                and not f".{host}".endswith(RESERVED_ENDINGS)
            ):
                found.add(f"{name_of(path)}: {host}")
    assert found == set()


def test_every_link_of_a_page_leads_somewhere() -> None:
    links = [
        (path, target)
        for path, text in texts()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
        if not urllib.parse.urlsplit(target).scheme
    ]
    assert [f"{name_of(path)}: {target}" for path, target in links if not (path.parent / target).exists()] == []


def test_no_key_is_committed_that_could_be_taken_for_a_real_one() -> None:
    found = [name_of(path) for path, text in texts() if re.search(r"-----BEGIN [A-Z ]*PRIVATE KEY-----", text)]
    assert found == []


def test_no_resident_number_of_a_real_division_is_committed() -> None:
    """Synthetic persons have divisions that begin with 99, which GB/T 2260 never gave out."""
    number = re.compile(
        r"(?<![0-9A-Za-z._+/-])[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z_])"
    )
    found = [f"{name_of(path)}: {match.group()}" for path, text in texts() for match in number.finditer(text)]
    assert found == []
