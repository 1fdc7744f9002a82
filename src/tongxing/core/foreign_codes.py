"""Foreign codes: signed codes of systems outside, what they carry, and which parts of them can be checked.

A foreign code proves facts (a test, a vaccination, a recovery) and names whom they are about. It never has a
level, a colour or a standing, and never stands for a health code. What was verified is a ``ForeignCode``:
whatever else its text said is not kept (law 8).
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import Proof
from tongxing.core.words import Sentence


class ForeignFormat(StrEnum):
    """The systems outside whose codes are read."""

    DCC = "dcc"
    SHC = "shc"
    NZCP = "nzcp"


FORMAT_WORDS: Final[dict[ForeignFormat, Sentence]] = {
    ForeignFormat.DCC: Sentence("欧盟数字新冠证明", "EU Digital COVID Certificate"),
    ForeignFormat.SHC: Sentence("SMART 健康卡", "SMART Health Card"),
    ForeignFormat.NZCP: Sentence("新西兰新冠通行证", "NZ COVID Pass"),
}


class ForeignCheck(StrEnum):
    """What can be asked of a foreign code, by the labels of the EU's test data. Spec: dgc-testdata, ``EXPECTED…``.

    What must be read to get at the rest (prefix, text, compression, envelope) is always read: leaving such a
    check out never turns unreadable bytes into readable ones.
    """

    UNPREFIX = "UNPREFIX"
    B45DECODE = "B45DECODE"
    COMPRESSION = "COMPRESSION"
    DECODE = "DECODE"
    VERIFY = "VERIFY"
    EXPIRATIONCHECK = "EXPIRATIONCHECK"
    KEYUSAGE = "KEYUSAGE"
    SCHEMAVALIDATION = "SCHEMAVALIDATION"
    PICTUREDECODE = "PICTUREDECODE"


ALL_CHECKS: Final = frozenset(ForeignCheck)

_LABEL_PREFIX: Final = "EXPECTED"
_LABEL_MAX_CHARACTERS: Final = 40
_OF_THE_MAKER: Final = frozenset({"VALIDOBJECT", "VALIDJSON", "ENCODE"})
"""Labels about how a test case was made: of a code that is shown there is nothing to check."""


class ForeignName(msgspec.Struct, frozen=True, gc=False):
    """A name as a foreign code writes it, and as its maker transliterated it; empty where it is not said.

    Spec of the latter: ICAO 9303-3, section 6 (``<`` for a space).
    """

    family: str = ""
    given: str = ""
    family_icao: str = ""
    given_icao: str = ""


class ForeignCode(msgspec.Struct, frozen=True, kw_only=True):
    """What a verified foreign code says.

    ``birth_date`` is as precise as it was told: ``1998``, ``1998-02``, ``1998-02-26`` or nothing. Times are aware
    UTC, None where there are none. ``departures`` are the names of what was tolerated, to be logged.
    """

    format: ForeignFormat
    issuer: str
    kid: str
    proofs: tuple[Proof, ...]
    names: tuple[ForeignName, ...]
    birth_date: str
    valid_from: datetime | None
    valid_until: datetime | None
    departures: tuple[str, ...] = ()


def parse_checks(labels: Iterable[str]) -> frozenset[ForeignCheck]:
    """Return the checks of some labels; all of them where none is named. Case and ``EXPECTED`` do not matter.

    Raises ``Refused(BAD_REQUEST)`` for a label that is none: what is not understood is never left out.
    """
    found = set()
    for label in labels:
        name = label[:_LABEL_MAX_CHARACTERS].strip().upper().removeprefix(_LABEL_PREFIX)
        if name in ForeignCheck.__members__:
            found.add(ForeignCheck(name))
        elif name not in _OF_THE_MAKER:
            raise Refused(ProblemId.BAD_REQUEST, f"no check is called {label[:_LABEL_MAX_CHARACTERS]!r}")
    return frozenset(found) or ALL_CHECKS
