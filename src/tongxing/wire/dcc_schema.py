"""The content of an EU Digital COVID Certificate: types that are its schema, and what is borne where they do not fit.

Spec: EU eHealth Network, *DCC JSON schema* 1.3.0 (ehn-dcc-schema); versions from 1.0.0 on differ in lengths only, and
the longest hold. Exactly one entry of one kind. The types are compiled to a validator, so content as it should be costs
a few microseconds; only what they refuse goes through ``mend_content``, where each departure has its name.

What proves nothing is refused in every profile: no name at all, no entry or several, no date, a result that is neither
detected nor not detected, another disease.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tongxing.core.departures import Departure
from tongxing.core.foreign_codes import ForeignName
from tongxing.core.proofs import Proof, ProofBasis, ProofKind
from tongxing.wire.cbor import WireError
from tongxing.wire.dcc_mending import ENTRY_KINDS, TEXT_MAX_CHARACTERS, mend_content

_RECOVERED_AFTER: Final = timedelta(days=11)
_BOOSTER_FROM: Final = 3
"""A dose numbered so or higher is a booster, also where the series was counted anew (3/3)."""

_YEARS: Final = range(1900, 2101)
_LAST_DAY: Final = date(2200, 1, 1)
_NOT_DETECTED: Final = "260415000"
_NUCLEIC_ACID: Final = "LP6464-4"

_Text = Annotated[str, Meta(max_length=TEXT_MAX_CHARACTERS)]
_Icao = Annotated[str, Meta(max_length=TEXT_MAX_CHARACTERS, pattern="^[A-Z<]*$")]
_Country = Annotated[str, Meta(pattern="^[A-Z]{1,10}$")]
_Dose = Annotated[int, Meta(ge=1)]
_Moment = Annotated[datetime, Meta(tz=True)]
_Disease = Literal["840539006"]


class Name(msgspec.Struct, frozen=True, gc=False):
    """``nam``: family and given name, and both as passports transliterate them."""

    fnt: _Icao
    fn: _Text = ""
    gn: _Text = ""
    gnt: _Icao = ""


class Vaccination(msgspec.Struct, frozen=True, gc=False):
    """An entry of ``v``: dose ``dn`` of ``sd``, given on ``dt``."""

    tg: _Disease
    vp: _Text
    mp: _Text
    ma: _Text
    dn: _Dose
    sd: _Dose
    dt: date
    co: _Country
    issuer: _Text = msgspec.field(name="is")
    ci: _Text


class Test(msgspec.Struct, frozen=True, gc=False):
    """An entry of ``t``: kind of test ``tt``, sampled at ``sc``, result ``tr``."""

    __test__ = False

    tg: _Disease
    tt: Literal["LP6464-4", "LP217198-3"]
    sc: _Moment
    tr: Literal["260415000", "260373001"]
    co: _Country
    issuer: _Text = msgspec.field(name="is")
    ci: _Text
    tc: _Text = ""
    nm: _Text = ""
    ma: _Text = ""


class Recovery(msgspec.Struct, frozen=True, gc=False):
    """An entry of ``r``: first positive on ``fr``, counts from ``df`` until ``du``."""

    tg: _Disease
    fr: date
    df: date
    du: date
    co: _Country
    issuer: _Text = msgspec.field(name="is")
    ci: _Text


_ONE = Meta(min_length=1, max_length=1)


class Content(msgspec.Struct, frozen=True, gc=False):
    """A whole certificate."""

    ver: Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+$")]
    nam: Name
    dob: Annotated[str, Meta(pattern=r"^((19|20)\d\d(-\d\d){0,2})?$")]
    v: Annotated[list[Vaccination], _ONE] | UnsetType = UNSET
    t: Annotated[list[Test], _ONE] | UnsetType = UNSET
    r: Annotated[list[Recovery], _ONE] | UnsetType = UNSET


class DccFacts(msgspec.Struct, frozen=True, gc=False):
    """What a certificate proves, of whom, until when it says so itself (None: without end)."""

    proof: Proof
    name: ForeignName
    birth_date: str
    until: datetime | None


def entry_kinds(content: Mapping[object, object]) -> tuple[str, ...]:
    """Return which kinds a certificate has entries of, whatever these are."""
    return tuple(kind for kind in ENTRY_KINDS if content.get(kind))


def parse_dcc_facts(content: Mapping[object, object]) -> tuple[DccFacts, frozenset[Departure]]:
    """Return what a certificate's content says and where it departs from its schema. Raises ``WireError``."""
    borne: set[Departure] = set()
    try:
        read = msgspec.convert(content, Content)
    except msgspec.ValidationError:
        try:
            read = msgspec.convert(mend_content(content, borne), Content)
        except msgspec.ValidationError as error:
            raise WireError(f"not as its schema says: {error}") from error
    facts = _facts_of(read)
    if not read.dob:
        borne.add(Departure.BIRTH_DATE_MISSING)
    return facts, frozenset(borne)


def _facts_of(content: Content) -> DccFacts:
    name = content.nam
    if not (name.fn or name.fnt or name.gn or name.gnt):
        raise WireError("nobody is named")
    entries = [entry for listed in (content.v, content.t, content.r) if listed is not UNSET for entry in listed]
    if len(entries) != 1:
        raise WireError(f"a certificate has one entry, not {len(entries)}")
    proof, until = _proof_of(entries[0])
    return DccFacts(
        proof,
        ForeignName(name.fn, name.gn, name.fnt, name.gnt),
        content.dob.removesuffix("-00").removesuffix("-00"),
        until,
    )


def _proof_of(entry: Vaccination | Test | Recovery) -> tuple[Proof, datetime | None]:
    if _day_of(entry).year not in _YEARS:
        raise WireError("what it proves has no plausible date")
    if isinstance(entry, Vaccination):
        complete = entry.dn >= entry.sd
        boosted = complete and (entry.dn > entry.sd or entry.dn >= _BOOSTER_FROM)
        at = _midnight(entry.dt)
        return Proof(ProofKind.VACCINATION, at, ProofBasis.SIGNED, complete=complete, boosted=boosted), None
    if isinstance(entry, Test):
        kind = ProofKind.TEST if entry.tt == _NUCLEIC_ACID else ProofKind.ANTIGEN
        positive = entry.tr != _NOT_DETECTED
        return Proof(kind, entry.sc.astimezone(UTC), ProofBasis.SIGNED, positive=positive), None
    # When somebody recovered is not told. It is taken to be when the certificate begins to count, never before day 11.
    recovered = min(max(entry.df, entry.fr + _RECOVERED_AFTER), _LAST_DAY)
    until = _midnight(min(entry.du, _LAST_DAY)) + timedelta(days=1)
    return Proof(ProofKind.RECOVERY, _midnight(recovered), ProofBasis.SIGNED), until


def _day_of(entry: Vaccination | Test | Recovery) -> date:
    if isinstance(entry, Vaccination):
        return entry.dt
    return entry.sc if isinstance(entry, Test) else entry.fr


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
