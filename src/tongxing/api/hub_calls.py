"""The calls that the hub answers: everybody's for bundles, gateways' and its operators'."""

from collections.abc import Sequence

from tongxing.api.calls import Call, NoQuery, Reply
from tongxing.api.federation_calls import parse_keys
from tongxing.api.gateway_calls import COSE
from tongxing.api.messages import (
    BundleAnswer,
    CountAnswer,
    DirectoryRecordMessage,
    DocumentsMessage,
    KeyRecordMessage,
    ReporterMark,
    ReportQueryMessage,
    ReportRow,
    ReportsAnswer,
    ReportsMessage,
    SubjectKeysAnswer,
)
from tongxing.app.key_files import parse_public_text
from tongxing.app.nodes import Hub
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId, Sentence
from tongxing.services.ingesting import REPORTS
from tongxing.services.ports import HeldBundle, SubjectReport
from tongxing.services.taking_part import PartChange
from tongxing.trust.bundle import AcceptedBundle
from tongxing.trust.directory import DirectoryRecord, KeyRecord
from tongxing.wire.cbor import WireError
from tongxing.wire.reports import encode_origin, encode_report, parse_origin, parse_report

_BUNDLE_NUMBER_MAX_DIGITS = 9


async def fetch_latest_bundle(node: Hub, _call: Call[None, NoQuery]) -> Reply:
    """Return the newest bundle: signed, so whoever carries it need not be trusted."""
    return _bundle_reply(await node.core.stores.bundles.latest())


async def fetch_bundle(node: Hub, call: Call[None, NoQuery]) -> Reply:
    """Return a bundle by its number."""
    number = call.path["number"]
    if not number.isdecimal() or not number.isascii() or len(number) > _BUNDLE_NUMBER_MAX_DIGITS:
        raise Refused(ProblemId.NOT_FOUND, "a bundle has a number")
    return _bundle_reply(await node.core.stores.bundles.get(int(number)))


async def derive_subject_keys(node: Hub, call: Call[DocumentsMessage, NoQuery]) -> SubjectKeysAnswer:
    """Derive subject keys of documents; neither is kept."""
    documents = [normalise_document(document.type, document.number) for document in call.body.documents]
    return SubjectKeysAnswer([[key.hex() for key in keys] for keys in await node.key_service.derive(documents)])


async def take_in_reports(node: Hub, call: Call[ReportsMessage, NoQuery]) -> CountAnswer:
    """Take in a region's own reports; acknowledged once durable."""
    rows = [_parse_row(index, row) for index, row in enumerate(call.body.reports)]
    count = await node.report_desk.take_in(rows, call.known_caller.region)
    return CountAnswer(count.stored, count.same, count.older)


async def query_reports(node: Hub, call: Call[ReportQueryMessage, NoQuery]) -> ReportsAnswer:
    """Return what the federation's assessor and each region report of one subject."""
    rows = await node.federation.reports_of(parse_keys(call.body.subject_keys))
    marks = await node.ingest.marks_of(REPORTS, {row.report.issuer for row in rows})
    return ReportsAnswer(encode_rows(rows), [ReporterMark(mark.sender, mark.number, mark.as_of) for mark in marks])


async def publish_profile(node: Hub, call: Call[bytes, NoQuery]) -> BundleAnswer:
    """Publish a region's profile (TOML): what its code looks like and means, and which ways it uses."""
    return await tell_published(node, await node.publishing.publish_profile(call.body))


async def publish_foreign_trust(node: Hub, call: Call[bytes, NoQuery]) -> BundleAnswer:
    """Publish whom the federation believes of foreign codes: JWK sets, DID documents, lists of certificates (JSON)."""
    return await tell_published(node, await node.publishing.publish_foreign_trust(call.body))


async def publish_directory_record(node: Hub, call: Call[DirectoryRecordMessage, NoQuery]) -> BundleAnswer:
    """Publish a region's directory record: address, keys, or a suspension."""
    return await tell_published(node, await node.publishing.publish_record(_parse_record(call.body)))


async def suspend_region(node: Hub, call: Call[None, NoQuery]) -> BundleAnswer:
    """Suspend a region: it can call nobody, and neither its codes nor its reports count."""
    return await _change_part(node, call, PartChange.SUSPENSION)


async def resume_region(node: Hub, call: Call[None, NoQuery]) -> BundleAnswer:
    """End a suspension."""
    return await _change_part(node, call, PartChange.RESUMPTION)


async def end_region(node: Hub, call: Call[None, NoQuery]) -> BundleAnswer:
    """Have a region leave for good: its keys end now, and what the hub holds of its is erased."""
    return await _change_part(node, call, PartChange.DEPARTURE)


async def _change_part(node: Hub, call: Call[None, NoQuery], change: PartChange) -> BundleAnswer:
    return await tell_published(node, await node.publishing.change_part(RegionId(call.path["region"]), change))


async def publish_bundle(node: Hub, _call: Call[None, NoQuery]) -> BundleAnswer:
    """Publish the same content anew, with the coming days' verifier keys."""
    return await tell_published(node, await node.publishing.publish_again())


async def tell_published(node: Hub, bundle: AcceptedBundle) -> BundleAnswer:
    """Take up a bundle that was just published, and return what is told of it."""
    await node.published.take_up()
    return BundleAnswer(bundle.number, bundle.digest.hex(), bundle.issued_at, bundle.expires_at)


def encode_rows(rows: Sequence[SubjectReport]) -> list[ReportRow]:
    """Return reports as they are told to gateways."""
    return [
        ReportRow(
            row.subject.hex(), encode_report(row.report), None if row.origin is None else encode_origin(row.origin)
        )
        for row in rows
    ]


def _bundle_reply(held: HeldBundle | None) -> Reply:
    if held is None:
        raise Refused(ProblemId.NOT_FOUND, "there is no such bundle")
    return Reply(held.data, COSE)


def _parse_row(index: int, row: ReportRow) -> SubjectReport:
    try:
        return SubjectReport(
            SubjectKey(bytes.fromhex(row.subject)),
            parse_report(row.report),
            None if row.origin is None else parse_origin(row.origin),
        )
    except WireError as wrong:
        raise Refused(ProblemId.BAD_REQUEST, f"report {index}: {wrong}") from wrong


def _parse_record(message: DirectoryRecordMessage) -> DirectoryRecord:
    sealing = message.sealing_public_hex
    return DirectoryRecord(
        region=RegionId(message.region),
        name=Sentence(message.name_zh, message.name_en),
        url=message.url,
        keys=tuple(_parse_key(key) for key in message.keys),
        sealing_public=None if sealing is None else bytes.fromhex(sealing),
        suspended=message.suspended,
    )


def _parse_key(message: KeyRecordMessage) -> KeyRecord:
    return KeyRecord(message.use, parse_public_text(message.public), message.valid_from, message.valid_until)
