"""Many subjects with a cheap row each: the stream that the record of a nation is loaded from.

A subject's key is a hash of its number, so that rows arrive in no order of the keys. What is reported is one of a few
thousand bodies, by the product's own encoding: one report a subject and a second region's for each tenth, one in two
hundred above low. The same numbers give the same rows always.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from typing import Final

from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.services.ports import SubjectReport
from tongxing.stores.sql.reports import encode_body

AT: Final = datetime(2020, 3, 25, tzinfo=UTC)
REPORTS_PER_TEN_SUBJECTS: Final = 11
NOT_GREEN_ONE_IN: Final = 200
COLUMNS: Final = ("subject", "issuer", "revision", "retracted", "body")
_TEMPLATES: Final = 4_000
_REGIONS: Final = tuple(map(RegionId, ("11", "31", "33", "34", "36", "42", "44", "45", "50", "51", "61")))
_SOURCES: Final = ("健康申报", "确诊病例", "密切接触者")

Row = tuple[bytes, str, int, int, bytes]


def subject_of(number: int) -> SubjectKey:
    """Return the key of a subject."""
    return SubjectKey(b"\x01" + blake2b(number.to_bytes(8, "big"), digest_size=32).digest())


def rows_of(first: int, end: int) -> Iterator[Row]:
    """Return the rows of the subjects from ``first`` to before ``end``, as the table of reports has them."""
    templates = all_templates()
    for number in range(first, end):
        subject = subject_of(number)
        yield (subject, *templates[number % _TEMPLATES])
        if number % 10 == 0:
            # Of the other half of the templates, so that the issuer is another region.
            yield (subject, *templates[_TEMPLATES + number // 10 % _TEMPLATES])


@cache
def all_templates() -> tuple[tuple[str, int, int, bytes], ...]:
    """Return issuer, revision, whether retracted, and body of every template: those of second reports come last."""
    return tuple(_template(number) for number in range(2 * _TEMPLATES))


def fingerprint() -> str:
    """Return what rows that were loaded before must have been made by to be these."""
    digest = blake2b(digest_size=16)
    for template in all_templates():
        digest.update(repr(template).encode())
    return digest.hexdigest()


def _template(number: int) -> tuple[str, int, int, bytes]:
    is_second = number >= _TEMPLATES
    # Two lists of regions that do not meet.
    regions = _REGIONS[5:] if is_second else _REGIONS[:5]
    issuer = regions[number % len(regions)]
    as_of = AT - timedelta(seconds=1 + number * 37 % 172_800)
    is_green = number % NOT_GREEN_ONE_IN != 0
    report = Report(
        issuer=issuer,
        standing=Standing.CURRENT,
        level=Level.LOW if is_green else Level.MEDIUM,
        causes=(
            HeldCause(Cause.NOTHING_FOUND if is_green else Cause.CLOSE_CONTACT, as_of, as_of + timedelta(days=14)),
        ),
        revision=int(as_of.timestamp() * 1000) + number % 1000,
        as_of=as_of,
        valid_until=as_of + timedelta(days=3),
        sources_checked=_SOURCES[: 1 + number % len(_SOURCES)],
    )
    division = f"{issuer}{1 + number % 9:02}{1 + number % 7:02}"
    row = SubjectReport(subject_of(0), report, Origin(division, Precision.EXACT, OriginBasis.DECLARED_STAY))
    return issuer, report.revision, 0, encode_body(row)
