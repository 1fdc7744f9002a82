"""The calls of one-stop queries; who asks decides what is told, never what they ask for."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tongxing.api.calls import Call, NoQuery
from tongxing.api.federation_calls import parse_keys
from tongxing.api.hub_calls import encode_rows
from tongxing.api.one_stop_messages import (
    BandAnswer,
    FindingAnswer,
    HubOneStopAnswer,
    HubOneStopMessage,
    OneStopAnswer,
    OneStopMessage,
    RegionReportAnswer,
    SourceAnswer,
)
from tongxing.api.way_calls import describe_looks
from tongxing.app.nodes import Gateway, Hub
from tongxing.core.datasets import DATASETS, Dataset
from tongxing.core.documents import normalise_document
from tongxing.core.entered import Entered
from tongxing.core.errors import Refused
from tongxing.core.evidence import Evidence
from tongxing.core.levels import STANDING_WORDS, Standing
from tongxing.core.looks import Ground, Look
from tongxing.core.one_stop import ABSENCE_WORDS, FINDING_WORDS, PLACE_RISK_WORDS, RESULT_WORDS, Finding, Panels, Source
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import BAND_WORDS, bands_of
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.recognition.recognising import KnownReport, name_of
from tongxing.recognition.registers import proofs_of
from tongxing.recognition.situating import kinds_looked_at
from tongxing.recognition.view_words import Words, words_of
from tongxing.services.looks import Looker, TotalLooks, ground_of
from tongxing.services.one_stop import ToldWhole
from tongxing.services.ports import Role
from tongxing.services.verification import Passing


async def answer_gateways_query(node: Hub, call: Call[HubOneStopMessage, NoQuery]) -> HubOneStopAnswer:
    """Tell a gateway everything that is known of a person; the look is recorded before."""
    message, region = call.body, call.known_caller.region
    look = None
    if message.look is not None:
        told = message.look
        subject = SubjectKey(bytes.fromhex(told.subject))
        if told.subject not in message.subject_keys:
            raise Refused(ProblemId.BAD_REQUEST, "the look is at somebody else")
        look = Look(subject, told.at.astimezone(UTC), region, told.looker, told.site, told.purpose, told.ground)
    keys = parse_keys(message.subject_keys)
    within = message.within_ms / 1000
    answer = await node.one_stop.ask(keys, region, look, within_seconds=within, details=message.details)
    return HubOneStopAnswer(encode_rows(answer.reports), answer.panels, answer.decided_at)


async def ask_everything(node: Gateway, call: Call[OneStopMessage, NoQuery]) -> OneStopAnswer:
    """Tell what is known of a person across all regions and sources, as far as whoever asks may know it.

    On the person's consent or in their presence only; recorded as a look, which the person sees.
    """
    message, caller = call.body, call.known_caller
    document = normalise_document(message.document.type, message.document.number)
    looker = Looker(caller.key_id, caller.site or caller.key_id)
    desk = node.ways.one_stop
    if caller.role is Role.DEVICE:
        return await _at_checkpoint(node, call)
    ground = ground_of(consent=message.consent, presence=message.presence)
    if caller.role is Role.OPERATOR:
        told, looks = await desk.audit(document, looker, ground)
        return _describe(node, "auditor", told, looks=looks, is_numbered=True)
    told = await desk.tell_other(document, looker, message.purpose, ground)
    return _describe(node, "gateway", told)


async def tell_my_everything(node: Gateway, call: Call[None, NoQuery]) -> OneStopAnswer:
    """Tell the signed-in person what is known of them everywhere, and who has asked."""
    told, looks = await node.ways.one_stop.tell_own(call.citizen.keys)
    return _describe(node, "citizen", told, looks=looks, hint=call.citizen.hint)


async def _at_checkpoint(node: Gateway, call: Call[OneStopMessage, NoQuery]) -> OneStopAnswer:
    message, caller = call.body, call.known_caller
    if ground_of(consent=False, presence=message.presence) is not Ground.PRESENCE or message.place_kind is None:
        raise Refused(ProblemId.BAD_REQUEST, "place_kind: a device says at which kind of place it stands")
    document = normalise_document(message.document.type, message.document.number)
    passing = Passing(caller.key_id, caller.site, message.place_kind, None, None, Entered(), caller.division)
    verified, panels = await node.ways.one_stop.verify(document, message.purpose, passing)
    call.trace.verdict = verified.verdict
    at = node.core.clock.now()
    missing = Panels((), tuple(source for source in panels.sources if _is_missing(source)))
    return OneStopAnswer(
        view="checkpoint",
        sources=_sources(node, missing),
        decided_at=at,
        verdict=verified.guard,
        bands=_bands(node, caller.site, panels, at),
    )


def _is_missing(source: Source) -> bool:
    """True for a dataset of which nothing can be told; whether a region reports is nobody's business at a gate."""
    return source.unavailable is not None and source.name in Dataset.__members__.values()


def _bands(node: Gateway, site: str, panels: Panels, at: datetime) -> list[BandAnswer]:
    asked = kinds_looked_at(node.reference.knowledge.find_rules(at, site))
    pieces = [_piece(finding) for finding in panels.findings]
    proofs = proofs_of(pieces, asked, at=at)
    bands = bands_of(proofs, frozenset(), at)
    told = []
    for kind in sorted(asked):
        band = getattr(bands, kind.value)
        told.append(BandAnswer(kind, band, words_of(BAND_WORDS[kind][band])))
    return told


def _piece(finding: Finding) -> Evidence:
    return Evidence(
        finding.kind,
        finding.ref,
        finding.revision,
        finding.since,
        finding.until,
        finding.division,
        result=finding.result,
    )


def _describe(
    node: Gateway,
    view: str,
    told: ToldWhole,
    *,
    looks: TotalLooks | None = None,
    hint: str | None = None,
    is_numbered: bool = False,
) -> OneStopAnswer:
    described = None if looks is None else describe_looks(looks)
    return OneStopAnswer(
        view=view,
        sources=_sources(node, told.panels),
        decided_at=told.decided_at,
        masked_hint=hint or told.panels.masked_hint,
        together=told.together,
        reports=[
            _report(node, row, told.decided_at, is_numbered=is_numbered) for row in _own_words(told.known.reports)
        ],
        findings=[_finding(each, is_numbered=is_numbered) for each in told.panels.findings],
        looks=None if described is None else described.looks,
        looks_are_whole=None if described is None else described.is_whole,
    )


def _own_words(reports: Sequence[KnownReport]) -> list[KnownReport]:
    """Return what each says itself; what only relays another's stands there already."""
    return [row for row in reports if row.report.derived_from is None]


def _finding(finding: Finding, *, is_numbered: bool) -> FindingAnswer:
    said = [FINDING_WORDS[finding.kind]]
    if finding.result is not None:
        said.append(RESULT_WORDS[finding.result])
    if finding.risk is not None:
        said.append(PLACE_RISK_WORDS[finding.risk])
    return FindingAnswer(
        finding.dataset,
        finding.kind,
        Words("，".join(each.zh for each in said), ", ".join(each.en for each in said)),
        finding.since,
        finding.until,
        finding.division,
        finding.risk,
        finding.result,
        finding.ref if is_numbered else None,
        finding.revision if is_numbered else None,
    )


def _report(node: Gateway, known: KnownReport, at: datetime, *, is_numbered: bool) -> RegionReportAnswer:
    report = known.report
    standing = report.standing_at(at)
    return RegionReportAnswer(
        report.issuer,
        words_of(name_of(report.issuer, node.reference.knowledge.directory)),
        standing,
        words_of(STANDING_WORDS[standing]),
        report.level if standing is Standing.CURRENT else None,
        report.as_of,
        report.valid_until,
        known.of_other_document,
        report.revision if is_numbered else None,
        report.derived_from if is_numbered else None,
        list(report.sources_checked) if is_numbered else None,
    )


def _sources(node: Gateway, panels: Panels) -> list[SourceAnswer]:
    directory = node.reference.knowledge.directory
    told = []
    for source in panels.sources:
        is_dataset = source.name in Dataset.__members__.values()
        title = DATASETS[Dataset(source.name)].title if is_dataset else name_of(RegionId(source.name), directory)
        absence = source.unavailable
        told.append(
            SourceAnswer(
                source.name,
                words_of(title),
                source.as_of,
                source.is_late,
                source.is_live,
                absence,
                None if absence is None else words_of(ABSENCE_WORDS[absence]),
            )
        )
    return told
