"""Profiles: a region's particulars as data, read from TOML.

Every fact in a profile names its evidence. A profile with a gap, a status without meaning or a fact
without evidence is refused with the name of what is missing, so that nothing is ever guessed later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.ways import Way
from tongxing.core.words import RegionId, Sentence
from tongxing.regions.particulars import AppealTerm, CodeName, DocumentInUse, Refresh
from tongxing.regions.profile_parts import (
    check_appeal_terms,
    check_one_at_a_time,
    check_statuses,
    read_appeal_term,
    read_code_name,
    read_document,
    read_evidence,
    read_evidence_of,
    read_refresh,
    read_sentence,
    read_status,
    read_way,
    span_of,
)
from tongxing.regions.statuses import (
    Alphabet,
    Evidence,
    QrPattern,
    Status,
    WeighedStatus,
    find_gap,
    weigh_status,
)
from tongxing.regions.toml_tables import TomlRefused, TomlTable, parse_toml

PROFILE_MAX_BYTES: Final = 64 * 1024
FAULTS_TOLD: Final = 8
DAYS_KEPT: Final = 64
"""For so many days a profile keeps its statuses weighed; a node asks for one or two."""
QR_TOKEN_MIN_CHARACTERS: Final = 16
QR_TOKEN_MAX_CHARACTERS: Final = 1_024

FAMILY_PARAMETERS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "make_validate": frozenset({"validate_code_path", "validate_info_path"}),
        "colour_query": frozenset({"gateway_path", "city_code", "industry_type"}),
        "words": frozenset({"query_path"}),
        "signed_numeric": frozenset({"query_path", "app_id"}),
        "gate_numeric": frozenset({"query_path", "device_id"}),
        "national_levels": frozenset({"query_path"}),
        "keyed_call": frozenset({"secret_path", "query_path", "department", "area_code"}),
        "day_password": frozenset({"service_path", "method_name"}),
        "unsigned_json": frozenset({"query_path"}),
        "travel_card": frozenset({"query_path"}),
        "paper": frozenset({"query_path"}),
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
    code_names: tuple[CodeName, ...]
    family: str
    parameters: Mapping[str, str]
    family_evidence: Evidence
    qr: QrPattern | None
    sources_checked: tuple[str, ...]
    sources_evidence: Evidence
    statuses: tuple[Status, ...]
    evidence: Mapping[str, Evidence]
    ways: tuple[WayInUse, ...]
    documents: tuple[DocumentInUse, ...]
    refreshes: tuple[Refresh, ...]
    appeals: tuple[AppealTerm, ...]
    _by_day: dict[date, tuple[WeighedStatus, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False, hash=False
    )
    """What follows from ``statuses`` for a day, kept because every rendering asks for it anew."""

    def find_code_name(self, at: datetime) -> Sentence | None:
        """Return the name that the region's code had at ``at``; None before there was one."""
        day = beijing_day(at)
        return next((each.name for each in self.code_names if each.evidence.is_in_force(day)), None)

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
        return tuple(weighed.status for weighed in self.weighed_at(at))

    def weighed_at(self, at: datetime) -> tuple[WeighedStatus, ...]:
        """Return the statuses that the region had at ``at``, weighed by the national table of that day."""
        day = beijing_day(at)
        weighed = self._by_day.get(day)
        if weighed is None:
            in_force = (status for status in self.statuses if status.evidence.is_in_force(day))
            weighed = tuple(weigh_status(status, at) for status in in_force)
            if len(self._by_day) >= DAYS_KEPT:
                self._by_day.clear()
            self._by_day[day] = weighed
        return weighed

    def status_of(self, value: str, at: datetime) -> Status:
        """Return the status that ``value`` stood for at ``at``.

        Raises Undecidable(STATUS_UNKNOWN) if the profile has none in force then.
        """
        for weighed in self.weighed_at(at):
            if weighed.status.value == value:
                return weighed.status
        raise Undecidable(ReasonId.STATUS_UNKNOWN, f"region {self.region}: status not in force in its profile")


def parse_profile(data: bytes) -> Profile:
    """Read a profile from TOML of at most ``PROFILE_MAX_BYTES``.

    Raises Refused(PROFILE_REFUSED): the detail names the region, the table and the key at fault, of the
    first ``FAULTS_TOLD`` faults.
    """
    try:
        return _read_file(data)
    except TomlRefused as refusal:
        told, more = refusal.faults[:FAULTS_TOLD], len(refusal.faults) - FAULTS_TOLD
        rest = (f"and {more} more",) if more > 0 else ()
        raise Refused(ProblemId.PROFILE_REFUSED, "; ".join((*told, *rest))) from refusal


def find_profile_faults(data: bytes) -> tuple[str, ...]:
    """Return every fault for which ``parse_profile`` refuses ``data``, in the order of the parts; empty if it is whole.

    What depends on a part that cannot be read is weighed once that part is mended.
    """
    try:
        _read_file(data)
    except TomlRefused as refusal:
        return refusal.faults
    return ()


def parse_profile_heading(data: bytes) -> tuple[RegionId, Sentence]:
    """Read only whose profile it is, at a tenth of the time; ``name`` must stand before the first table.

    Raises Refused(PROFILE_REFUSED). What follows the heading is not looked at.
    """
    try:
        file = parse_toml("profile", data.partition(b"\n[")[0], PROFILE_MAX_BYTES)
        heading = _read_region(file), read_sentence(file.table("name"))
        file.check_no_fault()
    except TomlRefused as refusal:
        raise Refused(ProblemId.PROFILE_REFUSED, "; ".join(refusal.faults)) from refusal
    return heading


def _read_file(data: bytes) -> Profile:
    file = parse_toml("profile", data, PROFILE_MAX_BYTES)
    region = _read_region(file)
    if not file.is_faulty:
        file.name = f"profile {region}"
    profile = _read_profile(file, region)
    file.check_no_fault()
    return profile


def _read_profile(file: TomlTable, region: RegionId) -> Profile:
    evidence = read_evidence(file.table("evidence"))
    family, checked = file.table("family"), file.table("sources_checked")
    profile = Profile(
        region=region,
        name=read_sentence(file.table("name")),
        code_names=tuple(read_code_name(table, evidence) for table in file.table_or_tables("code")),
        family=family.text("name"),
        parameters=_read_parameters(family),
        family_evidence=read_evidence_of(family, evidence),
        qr=_read_qr(file, family, evidence),
        sources_checked=checked.texts("names"),
        sources_evidence=read_evidence_of(checked, evidence),
        statuses=tuple(read_status(table, evidence) for table in file.tables("status")),
        evidence=MappingProxyType(evidence),
        ways=tuple(WayInUse(*read_way(table, evidence)) for table in file.tables_or_empty("ways")),
        documents=tuple(read_document(table, evidence) for table in file.tables("documents")),
        refreshes=tuple(read_refresh(table, evidence) for table in file.tables("refreshes")),
        appeals=tuple(read_appeal_term(table, evidence) for table in file.tables("appeals")),
    )
    for table in (family, checked, file):
        table.check_all_asked()
    if not file.is_faulty:
        _check_profile(file, profile)
    return profile


def _read_region(file: TomlTable) -> RegionId:
    region = file.text("region")
    if not file.is_faulty and not (
        region.isascii() and region.isdecimal() and len(region) in (2, 4) and region != "00"
    ):
        file.refuse("region", "is not a GB/T 2260 number of two or four digits")
    return RegionId(region)


def _read_parameters(family: TomlTable) -> Mapping[str, str]:
    name = family.text("name")
    if name not in FAMILY_PARAMETERS:
        family.refuse("name", f"is none of {', '.join(FAMILY_PARAMETERS)}")
        return MappingProxyType({})
    if not FAMILY_PARAMETERS[name]:
        return MappingProxyType({})
    table = family.table("parameters")
    parameters = {key: table.text(key) for key in sorted(FAMILY_PARAMETERS[name])}
    table.check_all_asked()
    for key, value in parameters.items():
        if key.endswith("_path") and not value.startswith("/") and not table.is_faulty:
            table.refuse(key, "does not begin with a slash")
    return MappingProxyType(parameters)


def _read_qr(file: TomlTable, family: TomlTable, evidence: Mapping[str, Evidence]) -> QrPattern | None:
    if family.text("name") == FAMILY_WITHOUT_OWN_CODE:
        if file.has("qr"):
            file.refuse("qr", f"stands in a profile of the family {FAMILY_WITHOUT_OWN_CODE}")
        return None
    table = file.table("qr")
    pattern = QrPattern(
        prefix=table.text("prefix"),
        alphabet=table.word("alphabet", Alphabet),
        length=table.number("length", QR_TOKEN_MIN_CHARACTERS, QR_TOKEN_MAX_CHARACTERS),
        one_time=table.flag("one_time"),
        evidence=read_evidence_of(table, evidence),
    )
    if pattern.prefix[0].isdecimal():
        table.refuse("prefix", "begins with a digit, as only the national code does")
    table.check_all_asked()
    return pattern


def _check_profile(file: TomlTable, profile: Profile) -> None:
    """Check the parts, each of which could be read, against one another."""
    check_statuses(file, profile.statuses)
    _check_ways(file, profile)
    span = span_of(profile.statuses)
    check_one_at_a_time(file, "code", span, (name.evidence for name in profile.code_names))
    check_appeal_terms(file, span, profile.appeals)
    for what, given in (("documents", profile.documents), ("refreshes", profile.refreshes)):
        day = find_gap(span, (each.evidence for each in given))
        if day is not None:
            file.fault(f"{what}: none on {day}")


def _check_ways(file: TomlTable, profile: Profile) -> None:
    ways = [use.way for use in profile.ways]
    if len(set(ways)) != len(ways):
        file.fault("one way is listed twice")
    if profile.family != FAMILY_WITHOUT_OWN_CODE:
        return
    for way in sorted(OWN_CODE_WAYS.intersection(ways)):
        file.fault(f"way {way} needs a code of the region's own")
    if Way.ADOPTION not in ways:
        file.fault(f"a region without a code of its own has no way but {Way.ADOPTION}")


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
