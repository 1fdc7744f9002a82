"""The test people of a site as a file for ``tongxing conform``: two in each state, and what the back end ought to say.

Written is what the records hold, and never what a fault makes of them.
"""

import json
from collections.abc import Iterator
from typing import Final

from tongxing.core.calendar import BEIJING
from tongxing.simulation.backends.records import Record
from tongxing.simulation.people import Person
from tongxing.simulation.sandbox.sites import Site

IN_EACH_STATE: Final = 2


def write_test_people(site: Site) -> str:
    """Return the file, as TOML. Raises LookupError for a region without a code of its own."""
    if not site.has_code:
        raise LookupError(f"region {site.profile.region} has no code of its own")
    return "\n".join(_lines(site)) + "\n"


def _lines(site: Site) -> Iterator[str]:
    people = list(_chosen(site))
    old = [text for person in people[:1] if (text := site.dialect.show_old(person)) is not None]
    yield f"# Test people of region {site.profile.region}, all synthetic: what its back end ought to say of whom."
    yield f'show = "{site.url}/_show"'
    yield f'switch = "{site.url}/_switch"'
    if old:
        yield f"old = {_text(old)}"
    if site.credentials:
        yield "\n[credentials]"
        yield from (f"{name} = {_text(value)}" for name, value in site.credentials.items())
    now = site.premises.clock.now()
    for person in people:
        yield from _person(person, site.premises.records.record_of(person, now))


def _person(person: Person, record: Record) -> Iterator[str]:
    yield "\n[[people]]"
    yield f"number = {_text(person.document.number)}"
    yield f"name = {_text(person.name)}"
    yield f"status = {_text(record.status)}"
    if record.told:
        yield f"told = {_text(record.told)}"
    yield f"refreshed_at = {record.refreshed_at.astimezone(BEIJING).isoformat(timespec='seconds')}"


def _chosen(site: Site) -> Iterator[Person]:
    found: dict[str, int] = {}
    for person in site.premises.records.people:
        found[person.circumstance] = found.get(person.circumstance, 0) + 1
        if found[person.circumstance] <= IN_EACH_STATE:
            yield person


def _text(value: object) -> str:
    """Return a text or a list of texts as TOML writes them, which is how JSON does."""
    return json.dumps(value, ensure_ascii=False)
