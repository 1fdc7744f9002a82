"""Profiles: a region's particulars as data, read from TOML.

Every fact in a profile names its evidence. A profile with a gap, a status without meaning or a fact
without evidence is refused with the name of what is missing, so that nothing is ever guessed later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId, Sentence
from tongxing.regions.statuses import CHINA_TIME, Evidence, QrPattern, Status


@dataclass(frozen=True, slots=True)
class Profile:
    """One region's particulars. Built by ``parse_profile`` only, which holds that nothing is missing."""

    region: RegionId
    name: Sentence
    code_name: Sentence
    family: str
    parameters: Mapping[str, str]
    qr: QrPattern
    sources_checked: tuple[str, ...]
    statuses: tuple[Status, ...]
    evidence: Mapping[str, Evidence]

    def status_of(self, value: str, at: datetime) -> Status:
        """Return the status that ``value`` stood for at ``at``.

        Raises Undecidable(STATUS_UNKNOWN) if the profile has none in force then.
        """
        day = at.astimezone(CHINA_TIME).date()
        for status in self.statuses:
            if status.value == value and status.evidence.is_in_force(day):
                return status
        raise Undecidable(ReasonId.STATUS_UNKNOWN, f"region {self.region}: status not in force in its profile")


def parse_profile(data: bytes) -> Profile:
    """Read a profile from TOML. Raises Refused(PROFILE_REFUSED) naming what is wrong."""
    raise NotImplementedError
