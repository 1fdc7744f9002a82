"""The recorded conversations with back ends: the families still hold them, and the back ends still answer so."""

import asyncio
import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.unit.simulation.running import serving
from tests.unit.simulation.test_source_faults import FAULTS_OF_ONE_TIME_CODES, FAULTS_THAT_ONLY_AN_EXAMINATION_FINDS
from tongxing.connectors.back_end import HttpBackEnd
from tongxing.connectors.conversing import Conversation, converse
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer, BackEndRequest, SourceAnswer
from tongxing.regions.families import FAMILIES
from tongxing.regions.profile import FAMILY_PARAMETERS, FAMILY_WITHOUT_OWN_CODE
from tongxing.simulation.backends.fault_kinds import FaultKind
from vectors.regenerate_dialects import (
    AT,
    FOLDER,
    QUERY_ID,
    REGION_OF_FAMILY,
    UNKNOWN,
    open_sample_site,
    profile_of,
    unknown_code,
)
from vectors.regenerate_dialects import tell_outcome as told_of
from vectors.regenerate_dialects import wanted as samples_of

FILES: Final = tuple(sorted(FOLDER.glob("*/*.json")))
NAMES: Final = [f"{file.parent.name}/{file.stem}" for file in FILES]


def load(file: Path) -> dict[str, Any]:
    sample: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return sample


def request_of(told: Mapping[str, Any]) -> BackEndRequest:
    return BackEndRequest(told["method"], told["path"], told["headers"], told["body"].encode())


def answer_of(told: Mapping[str, Any]) -> BackEndAnswer:
    body = base64.b64decode(told["body_base64"]) if "body_base64" in told else told["body"].encode()
    return BackEndAnswer(told["status"], told["content_type"], body)


def replay(sample: Mapping[str, Any]) -> tuple[list[BackEndRequest], dict[str, Any]]:
    """Give the family the recorded answers; return what it asked and what it made of them."""
    profile, asked = profile_of(sample["family"]), []
    asking = FAMILIES[sample["family"]].ask(sample["qr_text"], profile, AT, QUERY_ID, sample["credentials"])
    try:
        request = next(asking)
        for exchange in sample["exchanges"]:
            asked.append(request)
            request = asking.send(answer_of(exchange["answer"]))
    except StopIteration as end:
        outcome: SourceAnswer = end.value
        return asked, told_of(Conversation((), outcome))
    except (Rejected, Undecidable) as why:
        return asked, told_of(Conversation((), why.reason))
    raise AssertionError("the family asks on where the sample ends")


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_a_family_asks_as_recorded_and_makes_the_same_of_the_recorded_answers(file: Path) -> None:
    sample = load(file)
    asked, outcome = replay(sample)
    assert asked == [request_of(exchange["request"]) for exchange in sample["exchanges"]]
    assert outcome == sample["outcome"]


@pytest.mark.parametrize("family", REGION_OF_FAMILY)
def test_the_back_ends_still_answer_over_http_as_they_were_recorded(family: str) -> None:
    site = open_sample_site(family)
    with serving(site.app) as url:
        for name, person, fault in samples_of(site):
            recorded = load(FOLDER / family / f"{name}.json")
            text = site.dialect.show(person)
            site.premises.faults.kind = fault
            conversation = asyncio.run(_ask(url, family, text, site.credentials))
            site.premises.faults.kind = None
            assert told_of(conversation) == recorded["outcome"], name
            answers = [exchange.answer for exchange in conversation.exchanges]
            assert [shape_of(answer) for answer in answers if answer is not None] == [
                shape_of(answer_of(exchange["answer"])) for exchange in recorded["exchanges"]
            ], name


@pytest.mark.parametrize("family", REGION_OF_FAMILY)
def test_a_code_that_a_back_end_never_gave_out_is_unknown_to_it_over_http(family: str) -> None:
    site = open_sample_site(family)
    with serving(site.app) as url:
        conversation = asyncio.run(_ask(url, family, unknown_code(family), site.credentials))
    assert conversation.outcome is ReasonId.TICKET_UNKNOWN
    assert told_of(conversation) == load(FOLDER / family / f"{UNKNOWN}.json")["outcome"]


async def _ask(url: str, family: str, text: str, credentials: Mapping[str, str]) -> Conversation:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await converse(HttpBackEnd(client, url), profile_of(family), text, AT, QUERY_ID, credentials, 5.0)


def shape_of(answer: BackEndAnswer) -> object:
    """Return an answer without what is drawn anew each time: status, type, and the names of its fields."""
    try:
        return answer.status, answer.content_type, names_of(json.loads(answer.body))
    except ValueError:
        return answer.status, answer.content_type, len(answer.body) > 0


def names_of(value: object) -> object:
    if isinstance(value, dict):
        return {name: names_of(part) for name, part in value.items()}
    return [names_of(part) for part in value] if isinstance(value, list) else type(value).__name__


def test_every_family_that_can_be_asked_is_recorded_in_every_state_and_fault() -> None:
    assert set(REGION_OF_FAMILY) == set(FAMILY_PARAMETERS) - {FAMILY_WITHOUT_OWN_CODE}
    wanted = {f"{family}/{name}" for family in REGION_OF_FAMILY for name, _, _ in samples_of(open_sample_site(family))}
    assert wanted | {f"{family}/{UNKNOWN}" for family in REGION_OF_FAMILY} == set(NAMES)
    kept = {load(file)["fault"] for file in FILES} - {None}
    refused_by_whoever_carries = {FaultKind.SLOW, FaultKind.ENDLESS, FaultKind.HUGE, FaultKind.REDIRECT, FaultKind.BOMB}
    in_need_of_more_than_one_question = {*FAULTS_OF_ONE_TIME_CODES, *FAULTS_THAT_ONLY_AN_EXAMINATION_FINDS}
    in_need_of_more_than_one_question.add(FaultKind.LATE)
    too_long_to_read = {FaultKind.NESTED}
    not_kept = refused_by_whoever_carries | in_need_of_more_than_one_question | too_long_to_read
    assert kept | not_kept == set(FaultKind)


def test_samples_name_nobody_who_could_exist() -> None:
    number = re.compile(r"(?<![\w.-])[0-9]{17}[0-9X](?![\w.-])")
    found = {run for file in FILES for run in number.findall(file.read_text(encoding="utf-8"))}
    assert found
    assert all(run.startswith("99") for run in found)
