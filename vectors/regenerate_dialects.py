"""Records ``vectors/dialects``: ``python -m vectors.regenerate_dialects``.

Each file is one conversation with a region's simulated back end: the requests as the family ``family`` makes them,
the answers byte for byte, and what the family makes of them (``outcome``): the source's own words, or a reason. One
file for each state that people can be in, one for each fault that spoils an answer or a record, and one for a code
that nobody has.

A body is text (``body``) or, where it is not UTF-8, base64 (``body_base64``); moments are whole seconds since 1970.
One-time texts, tokens and secrets are drawn anew at each recording; everything else stays as it is. Whoever builds
another client or another back end replays them; ``tests/conformance/test_dialect_samples.py`` replays them here.
"""

import asyncio
import base64
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tongxing.app.packaged import PROFILES, load_files
from tongxing.connectors.conversing import Conversation, Exchange
from tongxing.regions.answers import BackEndAnswer, SourceAnswer
from tongxing.regions.profile import Profile, parse_profile
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.faults import Faults
from tongxing.simulation.people import Person
from tongxing.simulation.sandbox.conversing import rehearse
from tongxing.simulation.sandbox.sites import Site, open_site

FOLDER = Path(__file__).parent / "dialects"
AT = datetime(2020, 4, 20, 4, 0, tzinfo=UTC)
QUERY_ID = "sample-query"
SEED, PEOPLE = 1, 100
UNKNOWN = "unknown-code"

REGION_OF_FAMILY = {
    "make_validate": "42",
    "colour_query": "45",
    "words": "11",
    "signed_numeric": "34",
    "gate_numeric": "50",
    "national_levels": "13",
    "keyed_call": "3301",
    "day_password": "33",
    "unsigned_json": "4404",
    "travel_card": "9601",
    "paper": "97",
}
"""Whose back end is recorded. 9601 and 97 are made up, and their profiles stand beside the samples."""

FAULTS_OF_GREEN = (
    *(FaultKind.UNAVAILABLE, FaultKind.HTML, FaultKind.GBK, FaultKind.TRUNCATED, FaultKind.DUPLICATE_KEYS),
    *(FaultKind.OTHER_PERSON, FaultKind.STALE, FaultKind.FAIL_OPEN, FaultKind.YELLOW_FOR_EXPIRED),
    *(FaultKind.EMPTY, FaultKind.CHARSET, FaultKind.LISTED, FaultKind.NOT_A_NUMBER),
)
"""Told of somebody with whom nothing is wrong. What no client should take in at all (endless, huge …) is not kept."""


class StoppedClock:
    """It is always the moment of the recording."""

    def now(self) -> datetime:
        """Return it."""
        return AT


def profile_of(family: str) -> Profile:
    """Return the profile of the region whose back end is recorded for a family."""
    region, beside = REGION_OF_FAMILY[family], FOLDER / f"{family}.toml"
    return parse_profile(beside.read_bytes() if beside.exists() else load_files(PROFILES)[f"{region}.toml"])


def open_sample_site(family: str, seed: int = SEED) -> Site:
    """Return the back end that is recorded for a family, without a fault; another seed's knows nobody of its people."""
    return open_site(profile_of(family), StoppedClock(), Faults(), people=PEOPLE, seed=seed)


def wanted(site: Site) -> Iterator[tuple[str, Person, FaultKind | None]]:
    """Yield the name, the person and the fault of each sample of a back end."""
    people = list(site.one_in_each())
    for index, person in enumerate(people, 1):
        name = person.circumstance if person.circumstance.isascii() else f"status_{index}"
        yield name.replace("_", "-"), person, None
    for fault in FAULTS_OF_GREEN:
        yield f"fault-{fault.replace('_', '-')}", people[0], fault
    yellow = [person for person in people if person.circumstance.startswith("yellow")]
    for person in yellow[:1]:
        yield "fault-red-for-yellow", person, FaultKind.RED_FOR_YELLOW


def files() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the path and content of every sample."""
    for family in REGION_OF_FAMILY:
        site = open_sample_site(family)
        for name, person, fault in wanted(site):
            qr_text = site.dialect.show(person)
            site.premises.faults.kind = fault
            conversation = asyncio.run(rehearse(site, qr_text, AT, QUERY_ID))
            site.premises.faults.kind = None
            yield FOLDER / family / f"{name}.json", sample(site, person, qr_text, fault, conversation)
        qr_text = unknown_code(family)
        conversation = asyncio.run(rehearse(site, qr_text, AT, QUERY_ID))
        yield FOLDER / family / f"{UNKNOWN}.json", sample(site, None, qr_text, None, conversation)


def unknown_code(family: str) -> str:
    """Return a code of the right form that the recorded back end never gave out."""
    elsewhere = open_sample_site(family, SEED + 1)
    return elsewhere.dialect.show(next(elsewhere.one_in_each()))


def sample(
    site: Site, person: Person | None, qr_text: str, fault: FaultKind | None, conversation: Conversation
) -> dict[str, Any]:
    """Return one sample."""
    return {
        "family": site.profile.family,
        "region": site.profile.region,
        "at_seconds": int(AT.timestamp()),
        "query_id": QUERY_ID,
        "credentials": dict(site.credentials),
        "circumstance": None if person is None else person.circumstance,
        "fault": fault,
        "qr_text": qr_text,
        "exchanges": [tell_exchange(exchange) for exchange in conversation.exchanges],
        "outcome": tell_outcome(conversation),
    }


def tell_exchange(exchange: Exchange) -> dict[str, Any]:
    """Return one request and its answer."""
    request, answer = exchange.request, exchange.answer
    if answer is None:
        raise ValueError("an answer that was not taken in cannot be a sample")
    asked = {"method": request.method, "path": request.path, "headers": dict(request.headers)}
    return {"request": {**asked, "body": request.body.decode()}, "answer": tell_answer(answer)}


def tell_answer(answer: BackEndAnswer) -> dict[str, Any]:
    """Return an answer, its body as text where it is any."""
    head = {"status": answer.status, "content_type": answer.content_type}
    try:
        return {**head, "body": answer.body.decode()}
    except UnicodeDecodeError:
        return {**head, "body_base64": base64.b64encode(answer.body).decode()}


def tell_outcome(conversation: Conversation) -> dict[str, Any]:
    """Return what the family made of it: only what the source said, or the reason."""
    outcome = conversation.outcome
    if not isinstance(outcome, SourceAnswer):
        return {"reason": outcome.value}
    told = {name: value for name, value in asdict(outcome).items() if value not in (None, ()) or name == "status"}
    return {"answer": {name: _plain(value) for name, value in told.items()}}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return int(value.timestamp()) if isinstance(value, datetime) else value


def main() -> None:
    """Write every sample anew, and remove those of states that are no more."""
    written = set()
    for path, content in files():
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.add(path)
    for path in set(FOLDER.glob("*/*.json")) - written:
        path.unlink()
    print(f"{len(written)} samples in {FOLDER.name}")


if __name__ == "__main__":
    main()
