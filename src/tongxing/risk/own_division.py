"""Where a checkpoint stands: its own division, as an operator says it when a device is enrolled.

The division is configuration of the site and never part of a scan: whoever scans could else choose whether codes are
read. A city or a county inside the host's region is asked for; a province would say no more than the region does.
A retired number is one too: lists of its days name it, and the map of a later list lays its successors' risk on it.
Spec: GB/T 2260; design, *The pipeline*, stage 7; docs/adr/0025.
"""

import re
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.risk.divisions import CITY_DIGITS, CORPS, CORPS_CITIES, PROVINCE_DIGITS, Gazetteer

OWN_DIVISION_MAX_CHARACTERS: Final = 6

_NUMBER: Final = re.compile(r"[0-9]{4}|[0-9]{6}")
_SHOWN_CHARACTERS: Final = 20


def parse_own_division(told: str, host: RegionId, gazetteer: Gazetteer) -> str:
    """Return the number of a city (4 digits) or county (6 digits) inside the host's region; ``450100`` is ``4501``.

    Empty is not told, and stays empty. Raises ``Refused(BAD_REQUEST)`` naming what is wrong.
    """
    if not told:
        return ""
    if _NUMBER.fullmatch(told) is None:
        raise _refused(f"a number of GB/T 2260 with 4 or 6 digits is needed, not {told[:_SHOWN_CHARACTERS]!r}")
    number = told[:CITY_DIGITS] if told.endswith("00") else told
    number = number.removesuffix("00")
    if len(number) == PROVINCE_DIGITS:
        raise _refused(f"{told} is a whole province; the checkpoint's city or county is needed")
    inside = CORPS_CITIES if host == CORPS else host
    if not number.startswith(inside):
        raise _refused(f"{told} lies outside region {host}")
    if number not in gazetteer:
        raise _refused(f"GB/T 2260 has no number {told}")
    return number


def _refused(detail: str) -> Refused:
    return Refused(ProblemId.BAD_REQUEST, f"division: {detail}")
