"""Profiles: a region's particulars as data, read from TOML.

Every fact in a profile names its evidence. A profile with a gap, a status without meaning or a fact
without evidence is refused with the name of what is missing, so that nothing is ever guessed later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from tongxing.core.calendar import beijing_day
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.levels import Standing
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.ways import Way
from tongxing.core.words import RegionId, Sentence
from tongxing.regions.statuses import (
    Alphabet,
    Colour,
    Evidence,
    Meaning,
    QrPattern,
    Status,
    Sure,
    Validity,
    ValidUntil,
)
from tongxing.regions.toml_tables import TomlRefused, TomlTable, parse_toml

PROFILE_MAX_BYTES: Final = 64 * 1024
DAYS_MAX: Final = 366
QR_TOKEN_MIN_CHARACTERS: Final = 16
QR_TOKEN_MAX_CHARACTERS: Final = 1_024

FAMILY_PARAMETERS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "make_validate": frozenset({"validate_code_path", "validate_info_path"}),
        "colour_query": frozenset({"gateway_path", "city_code", "industry_type"}),
        "words": frozenset({"query_path"}),
        "signed_numeric": frozenset({"query_path", "app_id"}),
        "national": frozenset(),
    }
)
"""The families that a profile can choose, and the parameters that each needs; their code is in ``families``."""

FAMILY_WITHOUT_OWN_CODE: Final = "national"
"""A region of this family shows the national code only, so its profile has no form of a QR text."""


OWN_CODE_WAYS: Final = frozenset({Way.SHARED_DATA, Way.CONVERSION})
"""The ways that end in the region's own code, which a region without one cannot use."""


@dataclass(frozen=True, slots=True)
class WayInUse:
    """A way of recognition that a region uses, for the time that its evidence is in force."""

    way: Way
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Profile:
    """One region's particulars. Built by ``parse_profile`` only, which holds that nothing is missing.

    ``qr`` is None for a region without a code of its own; its statuses are the words of its own records.
    """

    region: RegionId
    name: Sentence
    code_name: Sentence
    family: str
    parameters: Mapping[str, str]
    qr: QrPattern | None
    sources_checked: tuple[str, ...]
    statuses: tuple[Status, ...]
    evidence: Mapping[str, Evidence]
    ways: tuple[WayInUse, ...]

    def uses_way(self, way: Way, at: datetime) -> bool:
        """True if the region takes part in recognition by ``way`` at ``at``."""
        return any(use.way is way and use.evidence.is_in_force(beijing_day(at)) for use in self.ways)

    def check_uses_way(self, way: Way, at: datetime) -> None:
        """Check that the region uses ``way`` at ``at``; raises ``Refused(WAY_NOT_USED)`` naming both."""
        if not self.uses_way(way, at):
            raise Refused(ProblemId.WAY_NOT_USED, f"region {self.region} does not use {way}")

    @property
    def one_time_code(self) -> bool:
        """True if a code of this region is used up by being checked."""
        return self.qr is not None and self.qr.one_time

    def is_own_code(self, text: str) -> bool:
        """True if ``text`` is well-formed as a code of the region's own."""
        return self.qr is not None and self.qr.matches(text)

    def has_own_prefix(self, text: str) -> bool:
        """True if ``text`` claims to be a code of the region's own, well-formed or not."""
        return self.qr is not None and self.qr.has_prefix(text)

    def statuses_at(self, at: datetime) -> tuple[Status, ...]:
        """Return the statuses that the region had at ``at``."""
        day = beijing_day(at)
        return tuple(status for status in self.statuses if status.evidence.is_in_force(day))

    def status_of(self, value: str, at: datetime) -> Status:
        """Return the status that ``value`` stood for at ``at``.

        Raises Undecidable(STATUS_UNKNOWN) if the profile has none in force then.
        """
        for status in self.statuses_at(at):
            if status.value == value:
                return status
        raise Undecidable(ReasonId.STATUS_UNKNOWN, f"region {self.region}: status not in force in its profile")


def parse_profile(data: bytes) -> Profile:
    """Read a profile from TOML of at most ``PROFILE_MAX_BYTES``.

    Raises Refused(PROFILE_REFUSED): the detail names the region, the table and the key at fault.
    """
    try:
        file = parse_toml("profile", data, PROFILE_MAX_BYTES)
        region = _region_id(file)
        file.name = f"profile {region}"
        return _read_profile(file, region)
    except TomlRefused as refusal:
        raise Refused(ProblemId.PROFILE_REFUSED, str(refusal)) from refusal


def _read_profile(file: TomlTable, region: RegionId) -> Profile:
    evidence = _read_evidence(file.table("evidence"))
    family = file.table("family")
    naming = file.table("code")
    checked = file.table("sources_checked")
    profile = Profile(
        region=region,
        name=_sentence(file.table("name")),
        code_name=_sentence(naming.table("name")),
        family=family.text("name"),
        parameters=_read_parameters(family),
        qr=_read_qr(file, family, evidence),
        sources_checked=checked.texts("names"),
        statuses=tuple(_read_status(table, evidence) for table in file.tables("status")),
        evidence=MappingProxyType(evidence),
        ways=tuple(_read_way(table, evidence) for table in file.tables_or_empty("ways")),
    )
    for table in (family, naming, checked):
        _evidence_of(table, evidence)
        table.check_all_asked()
    file.check_all_asked()
    _check_statuses(file, profile)
    _check_ways(file, profile)
    return profile


def _region_id(file: TomlTable) -> RegionId:
    region = file.text("region")
    if not (region.isascii() and region.isdecimal() and len(region) in (2, 4) and region != "00"):
        raise file.refuse("region", "is not a GB/T 2260 number of two or four digits")
    return RegionId(region)


def _read_evidence(table: TomlTable) -> dict[str, Evidence]:
    evidence = {}
    for name in table.names():
        entry = table.table(name)
        since, until = entry.day("since"), entry.find_day("until")
        if until is not None and until <= since:
            raise entry.refuse("until", "is not after since")
        evidence[name] = Evidence(entry.word("sure", Sure), entry.text("source"), since, until)
        entry.check_all_asked()
    return evidence


def _evidence_of(table: TomlTable, evidence: Mapping[str, Evidence]) -> Evidence:
    name = table.text("evidence")
    if name not in evidence:
        raise table.refuse("evidence", f"names {name}, which the profile does not list")
    return evidence[name]


def _read_parameters(family: TomlTable) -> Mapping[str, str]:
    name = family.text("name")
    if name not in FAMILY_PARAMETERS:
        raise family.refuse("name", f"is none of {', '.join(FAMILY_PARAMETERS)}")
    if not FAMILY_PARAMETERS[name]:
        return MappingProxyType({})
    table = family.table("parameters")
    parameters = {key: table.text(key) for key in sorted(FAMILY_PARAMETERS[name])}
    table.check_all_asked()
    for key, value in parameters.items():
        if key.endswith("_path") and not value.startswith("/"):
            raise table.refuse(key, "does not begin with a slash")
    return MappingProxyType(parameters)


def _read_qr(file: TomlTable, family: TomlTable, evidence: Mapping[str, Evidence]) -> QrPattern | None:
    if family.text("name") == FAMILY_WITHOUT_OWN_CODE:
        if file.has("qr"):
            raise file.refuse("qr", f"stands in a profile of the family {FAMILY_WITHOUT_OWN_CODE}")
        return None
    table = file.table("qr")
    pattern = QrPattern(
        prefix=table.text("prefix"),
        alphabet=table.word("alphabet", Alphabet),
        length=table.number("length", QR_TOKEN_MIN_CHARACTERS, QR_TOKEN_MAX_CHARACTERS),
        one_time=table.flag("one_time"),
        evidence=_evidence_of(table, evidence),
    )
    if pattern.prefix[0].isdecimal():
        raise table.refuse("prefix", "begins with a digit, as only the national code does")
    table.check_all_asked()
    return pattern


def _read_status(table: TomlTable, evidence: Mapping[str, Evidence]) -> Status:
    value = table.text_or_empty("value")
    table.name = f"{table.name} ({value or 'no value'})"
    validity = _read_validity(table.table("validity"), evidence) if table.has("validity") else None
    status = Status(
        value=value,
        colour=table.word("colour", Colour),
        label=_sentence(table.table("label")),
        standing=table.word("standing", Standing),
        meanings=tuple(_read_meaning(meaning, evidence) for meaning in table.tables("meaning")),
        validity=validity,
        evidence=_evidence_of(table, evidence),
    )
    table.check_all_asked()
    _check_meanings(table, status)
    return status


def _read_validity(table: TomlTable, evidence: Mapping[str, Evidence]) -> Validity:
    to_midnight = table.find_word("until", ValidUntil) is not None
    validity = Validity(
        lasts=None if to_midnight else timedelta(days=table.number("days", 1, DAYS_MAX)),
        needs_refresh_time=table.flag("needs_refresh_time"),
        evidence=_evidence_of(table, evidence),
    )
    table.check_all_asked()
    return validity


def _read_meaning(table: TomlTable, evidence: Mapping[str, Evidence]) -> Meaning:
    days = table.number("lasts_days", 1, DAYS_MAX) if table.has("lasts_days") else None
    meaning = Meaning(
        told=table.find_text("told"),
        cause=table.find_word("cause", Cause),
        standing=table.find_word("standing", Standing),
        lasts=None if days is None else timedelta(days=days),
        evidence=_evidence_of(table, evidence),
    )
    table.check_all_asked()
    if (meaning.cause is None) == (meaning.standing is None):
        raise TomlRefused(f"{table.name}: means neither a cause nor a standing, or both")
    if meaning.standing is Standing.CURRENT:
        raise table.refuse("standing", "is current, which says nothing without a cause")
    return meaning


def _check_meanings(table: TomlTable, status: Status) -> None:
    if status.standing is Standing.CURRENT and not status.causes:
        raise TomlRefused(f"{table.name}: is current, but no cause stands behind it")
    if status.standing is not Standing.CURRENT and status.standing not in {m.standing for m in status.meanings}:
        raise table.refuse("standing", "is none of its meanings")
    told = [meaning.told for meaning in status.meanings if meaning.told is not None]
    if len(set(told)) != len(told):
        raise TomlRefused(f"{table.name}: one word is told for two meanings")
    if not all(meaning.evidence.covers(status.evidence) for meaning in status.meanings):
        raise TomlRefused(f"{table.name}: a meaning's evidence leaves a gap in the time of the status")


def _read_way(table: TomlTable, evidence: Mapping[str, Evidence]) -> WayInUse:
    use = WayInUse(table.word("name", Way), _evidence_of(table, evidence))
    table.check_all_asked()
    return use


def _check_ways(file: TomlTable, profile: Profile) -> None:
    ways = [use.way for use in profile.ways]
    if len(set(ways)) != len(ways):
        raise TomlRefused(f"{file.name}: one way is listed twice")
    if profile.family != FAMILY_WITHOUT_OWN_CODE:
        return
    for way in sorted(OWN_CODE_WAYS.intersection(ways)):
        raise TomlRefused(f"{file.name}: way {way} needs a code of the region's own")
    if Way.ADOPTION not in ways:
        raise TomlRefused(f"{file.name}: a region without a code of its own has no way but {Way.ADOPTION}")


def _check_statuses(file: TomlTable, profile: Profile) -> None:
    """Check that no status overlaps another or leaves a gap in time, and that somebody can be well."""
    for value in dict.fromkeys(status.value for status in profile.statuses):
        periods = sorted((s.evidence for s in profile.statuses if s.value == value), key=lambda e: e.since)
        for earlier, later in pairwise(periods):
            if earlier.until != later.since:
                raise TomlRefused(f"{file.name}: status {value}: a gap or an overlap before {later.since}")
    if not any(Cause.NOTHING_FOUND in status.causes for status in profile.statuses):
        raise TomlRefused(f"{file.name}: no status means that nothing was found")


def _sentence(table: TomlTable) -> Sentence:
    sentence = Sentence(table.text("zh"), table.text("en"))
    table.check_all_asked()
    return sentence


def check_profiles_apart(profiles: Iterable[Profile]) -> None:
    """Check that no text can be read as the code of two regions.

    Raises Refused(PROFILE_REFUSED) naming both regions if they are one, or one prefix begins another.
    """
    seen: list[Profile] = []
    for profile in profiles:
        for other in seen:
            if profile.region == other.region or _can_be_confused(profile.qr, other.qr):
                raise Refused(ProblemId.PROFILE_REFUSED, f"profiles {other.region} and {profile.region} overlap")
        seen.append(profile)


def _can_be_confused(mine: QrPattern | None, theirs: QrPattern | None) -> bool:
    if mine is None or theirs is None:
        return False
    return mine.prefix.startswith(theirs.prefix) or theirs.prefix.startswith(mine.prefix)
