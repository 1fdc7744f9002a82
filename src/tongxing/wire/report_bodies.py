"""Reports as a record keeps them: a byte of strictness, then MessagePack of values by their places.

``strictness, [issuer, standing, level, revision, as of, valid until, causes, sources, derived from, flags, origin]``:
words are places in the lists below, times are MessagePack's own (whole seconds), a cause is ``[cause, since, until]``,
an origin ``[division, precision, basis]``. Of two bodies the stricter report's is the greater one.

Invariants: equal reports have equal bodies. What ``encode_body`` returns, ``parse_body`` reads as what was given, times
cut to seconds: everything that it could not read is refused on the way in, so that nothing is read back to try.
A list below only ever grows at its end. Spec: MessagePack, msgpack/spec.md.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Final

import msgspec

from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError
from tongxing.wire.reports import (
    CAUSES_MAX,
    REVISION_MAX,
    SOURCES_MAX,
    known_division,
    known_region,
    known_source,
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
_LEVEL_PLACES: Final = {word: place for place, word in enumerate(LEVELS)}
_CAUSE_PLACES: Final = {word: place for place, word in enumerate(CAUSES)}
_PRECISION_PLACES: Final = {word: place for place, word in enumerate(PRECISIONS)}
_BASIS_PLACES: Final = {word: place for place, word in enumerate(BASES)}
_STRICTNESS: Final = tuple(bytes([strictness]) for strictness in range(4))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STRICTNESS_OF: Final = {
    (standing, level): Report(
        RegionId(""), STANDINGS[standing], None if level is None else LEVELS[level], (), 0, _EPOCH, None
    ).strictness
    for standing in range(len(STANDINGS))
    for level in (None, *range(len(LEVELS)))
    if level is not None or STANDINGS[standing] is not Standing.CURRENT
}
_COLOUR_ONLY, _RETRACTED = 1, 2
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
    flags: Annotated[int, msgspec.Meta(ge=0, le=_COLOUR_ONLY | _RETRACTED)]
    origin: _Origin | None


_write = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(_Body).decode


def encode_body(report: Report, origin: Origin | None) -> bytes:
    """Return a report and its origin as they are kept. Raises ``WireError`` for what could not be read back."""
    revision, causes, sources = report.revision, report.causes, report.sources_checked
    if type(revision) is not int or not 0 <= revision <= REVISION_MAX:
        raise WireError("a revision is a whole number")
    if len(causes) > CAUSES_MAX or len(sources) > SOURCES_MAX:
        raise WireError(f"a report has at most {CAUSES_MAX} causes and {SOURCES_MAX} sources")
    _known_sources(sources)
    level, derived_from, valid_until = report.level, report.derived_from, report.valid_until
    content = (
        known_region(report.issuer),
        _STANDING_PLACES[report.standing],
        None if level is None else _LEVEL_PLACES[level],
        revision,
        _whole(report.as_of),
        None if valid_until is None else _whole(valid_until),
        [
            (_CAUSE_PLACES[held.cause], _whole(held.since), None if held.until is None else _whole(held.until))
            for held in causes
        ],
        sources,
        None if derived_from is None else known_region(derived_from),
        (_COLOUR_ONLY if report.colour_only else 0) | (_RETRACTED if report.retracted else 0),
        None if origin is None else _encode_origin(origin),
    )
    return _STRICTNESS[report.strictness] + _write(content)


def parse_body(encoded: bytes) -> tuple[Report, Origin | None]:
    """Read what ``encode_body`` wrote; raises ``WireError`` for anything else."""
    if len(encoded) > BODY_MAX_BYTES:
        raise WireError(f"a body of {len(encoded)} bytes, at most {BODY_MAX_BYTES} are kept")
    try:
        body = _read(encoded[1:])
        report = _parse_report(body)
        origin = body.origin
        told = None if origin is None else _known_origin(origin.division, origin.precision, origin.basis)
        strictness = _STRICTNESS_OF[body.standing, body.level]
    except WireError:
        raise
    except (ValueError, LookupError, OverflowError) as error:
        raise WireError("a body that is none, or of another version") from error
    if encoded[0] != strictness:
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
        tuple([_parse_cause(held) for held in body.causes]),
        body.revision,
        as_of,
        valid_until,
        _known_sources(body.sources),
        None if body.derived_from is None else known_region(body.derived_from),
        flags & _COLOUR_ONLY != 0,
        flags & _RETRACTED != 0,
    )


def _parse_cause(held: _Cause) -> HeldCause:
    since, until = held.since, held.until
    if since.microsecond or (until is not None and until.microsecond):
        raise WireError("a time that is no whole second")
    return HeldCause(CAUSES[held.cause], since, until)


def _encode_origin(origin: Origin) -> tuple[str | None, int, int]:
    division = origin.division
    return (
        None if division is None else known_division(division),
        _PRECISION_PLACES[origin.precision],
        _BASIS_PLACES[origin.basis],
    )


@lru_cache(maxsize=8_192)
def _known_origin(division: str | None, precision: int, basis: int) -> Origin:
    """Return the one value for an origin that comes again and again."""
    return Origin(None if division is None else known_division(division), PRECISIONS[precision], BASES[basis])


@lru_cache(maxsize=4_096)
def _known_sources(sources: tuple[str, ...]) -> tuple[str, ...]:
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
