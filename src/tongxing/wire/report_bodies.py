"""Reports as a record keeps them: a byte of strictness, then MessagePack of values by their places.

``strictness, [issuer, standing, level, revision, as of, valid until, causes, sources, derived from, flags, origin]``:
words are places in the lists below, times are MessagePack's own (whole seconds), a cause is ``[cause, since, until]``,
an origin ``[division, precision, basis]``. Of two bodies the stricter report's is the greater one.

Invariants: equal reports have equal bodies. What ``encode_body`` returns, ``parse_body`` reads as what was given, times
cut to seconds: everything that it could not read is refused on the way in, so that nothing is read back to try.
A list below only ever grows at its end. Spec: MessagePack, msgpack/spec.md.
"""

import struct
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Final, NamedTuple

import msgspec

from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.subjects import SUBJECT_KEY_BYTES, SubjectKey
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError
from tongxing.wire.reports import (
    CAUSES_MAX,
    REVISION_MAX,
    SOURCES_MAX,
    known_division,
    known_region,
    known_source,
    moment_of,
)

BODY_MAX_BYTES: Final = 16 * 1024

STANDINGS: Final = (
    Standing.CURRENT,
    Standing.PENDING,
    Standing.EXPIRED,
    Standing.NO_RECORD,
    Standing.MISMATCH,
    Standing.SOURCE_AWAY,
)
LEVELS: Final = (Level.LOW, Level.MEDIUM, Level.HIGH)
CAUSES: Final = (
    Cause.NOTHING_FOUND,
    Cause.CONFIRMED_CASE,
    Cause.SUSPECTED_CASE,
    Cause.ASYMPTOMATIC_CASE,
    Cause.FEVER_CASE,
    Cause.FEVER_MEASURED,
    Cause.CLOSE_CONTACT,
    Cause.RECOVERED_UNDER_OBSERVATION,
    Cause.FROM_HIGH_RISK_AREA,
    Cause.FROM_MEDIUM_RISK_AREA,
    Cause.ENTERED_FROM_ABROAD,
)
PRECISIONS: Final = (Precision.EXACT, Precision.CITY, Precision.PROVINCE, Precision.NONE)
BASES: Final = (OriginBasis.TRAVEL_DATA, OriginBasis.DECLARED_STAY, OriginBasis.ISSUER_REGION)

_STANDING_PLACES: Final = {word: place for place, word in enumerate(STANDINGS)}
_LEVEL_PLACES: Final = {None: None} | {word: place for place, word in enumerate(LEVELS)}
CAUSE_PLACES: Final = {word: place for place, word in enumerate(CAUSES)}
_PRECISION_PLACES: Final = {word: place for place, word in enumerate(PRECISIONS)}
_BASIS_PLACES: Final = {word: place for place, word in enumerate(BASES)}
COLOUR_ONLY: Final = 1
RETRACTED: Final = 2
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIMESTAMP: Final = -1
_LATEST_OF_32: Final = (1 << 32) - 1
_timestamp_32 = struct.Struct(">I").pack
_Extension = msgspec.msgpack.Ext
_STRICTNESS: Final = {
    (standing, level): bytes([Report(RegionId("00"), standing, level, (), 0, _EPOCH, None).strictness])
    for standing in STANDINGS
    for level in (*LEVELS, None)
    if standing is not Standing.CURRENT or level is not None
}
_LATEST: Final = datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Place = Annotated[int, msgspec.Meta(ge=0)]


class _Cause(msgspec.Struct, array_like=True, forbid_unknown_fields=True, gc=False):
    cause: _Place
    since: _Moment
    until: _Moment | None


class _Origin(msgspec.Struct, array_like=True, forbid_unknown_fields=True, gc=False):
    division: str | None
    precision: _Place
    basis: _Place


class _Body(msgspec.Struct, array_like=True, forbid_unknown_fields=True, gc=False):
    issuer: str
    standing: _Place
    level: _Place | None
    revision: Annotated[int, msgspec.Meta(ge=0, le=REVISION_MAX)]
    as_of: _Moment
    valid_until: _Moment | None
    causes: Annotated[tuple[_Cause, ...], msgspec.Meta(max_length=CAUSES_MAX)]
    sources: Annotated[tuple[str, ...], msgspec.Meta(max_length=SOURCES_MAX)]
    derived_from: str | None
    flags: Annotated[int, msgspec.Meta(ge=0, le=COLOUR_ONLY | RETRACTED)]
    origin: _Origin | None


_write = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(_Body).decode


class KeptReport(NamedTuple):
    """A report as a record keeps it: ``body`` holds all but the subject, before it stands what rows are ranked by.

    Made by ``keep_report`` or from a line (``wire.report_lines``), never by hand: a body that cannot be read would
    spoil all that is told of its subject. ``retracted`` is 0 or 1.
    """

    subject: SubjectKey
    issuer: RegionId
    revision: int
    retracted: int
    body: bytes


def keep_report(subject: SubjectKey, report: Report, origin: Origin | None) -> KeptReport:
    """Return a report as it is kept. Raises ``WireError`` for what could not be read back."""
    if len(subject) != SUBJECT_KEY_BYTES:
        raise WireError(f"a subject key has {SUBJECT_KEY_BYTES} bytes")
    return KeptReport(subject, report.issuer, report.revision, int(report.retracted), encode_body(report, origin))


def encode_body(report: Report, origin: Origin | None) -> bytes:
    """Return a report and its origin as they are kept. Raises ``WireError`` for what could not be read back."""
    revision, causes, sources = report.revision, report.causes, report.sources_checked
    if type(revision) is not int or not 0 <= revision <= REVISION_MAX:
        raise WireError("a revision is a whole number")
    if len(causes) > CAUSES_MAX or len(sources) > SOURCES_MAX:
        raise WireError(f"a report has at most {CAUSES_MAX} causes and {SOURCES_MAX} sources")
    known_sources(sources)
    derived_from, valid_until = report.derived_from, report.valid_until
    return write_body(
        report.standing,
        report.level,
        report.issuer,
        (
            revision,
            _whole(report.as_of),
            None if valid_until is None else _whole(valid_until),
            [
                (CAUSE_PLACES[held.cause], _whole(held.since), None if held.until is None else _whole(held.until))
                for held in causes
            ],
            sources,
            None if derived_from is None else known_region(derived_from),
            (COLOUR_ONLY if report.colour_only else 0) | (RETRACTED if report.retracted else 0),
            None if origin is None else place_origin(origin.division, origin.precision, origin.basis),
        ),
    )


def write_body(standing: Standing, level: Level | None, issuer: str, rest: tuple[object, ...]) -> bytes:
    """Return the body of values that were found good; ``rest`` is what follows the level. Raises ``WireError``."""
    strictness = _STRICTNESS.get((standing, level))
    if strictness is None:
        raise WireError("a current report has a level")
    return strictness + _write((known_region(issuer), _STANDING_PLACES[standing], _LEVEL_PLACES[level], *rest))


def place_seconds(seconds: int) -> object:
    """Return unix seconds from 1970 to 9999 as a body holds them, without the detour over a ``datetime``."""
    return _Extension(_TIMESTAMP, _timestamp_32(seconds)) if seconds <= _LATEST_OF_32 else moment_of(seconds)


def place_origin(division: str | None, precision: Precision, basis: OriginBasis) -> tuple[str | None, int, int]:
    """Return an origin as a body holds it. Raises ``WireError``."""
    place = None if division is None else known_division(division)
    return place, _PRECISION_PLACES[precision], _BASIS_PLACES[basis]


def parse_body(encoded: bytes) -> tuple[Report, Origin | None]:
    """Read what ``encode_body`` wrote; raises ``WireError`` for anything else."""
    if len(encoded) > BODY_MAX_BYTES:
        raise WireError(f"a body of {len(encoded)} bytes, at most {BODY_MAX_BYTES} are kept")
    try:
        body = _read(encoded[1:])
        report = _parse_report(body)
        origin = body.origin
        told = None if origin is None else _known_origin(origin.division, origin.precision, origin.basis)
    except WireError:
        raise
    except (ValueError, LookupError, OverflowError) as error:
        raise WireError("a body that is none, or of another version") from error
    if encoded[:1] != _STRICTNESS[report.standing, report.level]:
        raise WireError("a body that ranks otherwise than its report")
    return report, told


def _parse_report(body: _Body) -> Report:
    as_of, valid_until, level, flags = body.as_of, body.valid_until, body.level, body.flags
    if as_of.microsecond or (valid_until is not None and valid_until.microsecond):
        raise WireError("a time that is no whole second")
    return Report(
        known_region(body.issuer),
        STANDINGS[body.standing],
        None if level is None else LEVELS[level],
        tuple(map(_parse_cause, body.causes)),
        body.revision,
        as_of,
        valid_until,
        known_sources(body.sources),
        None if body.derived_from is None else known_region(body.derived_from),
        flags & COLOUR_ONLY != 0,
        flags & RETRACTED != 0,
    )


def _parse_cause(held: _Cause) -> HeldCause:
    since, until = held.since, held.until
    if since.microsecond or (until is not None and until.microsecond):
        raise WireError("a time that is no whole second")
    return HeldCause(CAUSES[held.cause], since, until)


@lru_cache(maxsize=8_192)
def _known_origin(division: str | None, precision: int, basis: int) -> Origin:
    """Return the one value for an origin that comes again and again."""
    return Origin(None if division is None else known_division(division), PRECISIONS[precision], BASES[basis])


@lru_cache(maxsize=4_096)
def known_sources(sources: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of sources that are good, as they come again and again. Raises ``WireError``."""
    for source in sources:
        known_source(source)
    return sources


def _whole(at: datetime) -> datetime:
    """Return a moment cut to the second."""
    try:
        is_kept = _EPOCH <= at <= _LATEST
    except TypeError as error:
        raise WireError("a time without a zone") from error
    if not is_kept:
        raise WireError("a time from 1970 to 9999 is kept")
    return at.replace(microsecond=0) if at.microsecond else at
