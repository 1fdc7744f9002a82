"""The national code's family: recognised by its first characters; its issuer's signature speaks, no back end does."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NoReturn

from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.regions.profile import Profile
from tongxing.wire.national_code import FAMILY_PREFIX


class NationalFamily:
    """Digits that begin with 99, which is no division, and 86, which is China. The next digit is the version."""

    name: Final = "national"
    prefix: Final = FAMILY_PREFIX

    def recognises(self, text: str, profile: Profile) -> bool:  # noqa: ARG002 - the same in every region
        """True if ``text`` is digits with the national prefix, whatever the version."""
        return text.startswith(self.prefix) and text.isascii() and text.isdecimal()

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> NoReturn:  # noqa: ARG002 - as the protocol has it
        """Nobody is asked: the national code is checked from the bundle. Raises Undecidable(SOURCE_REFUSED)."""
        raise Undecidable(ReasonId.SOURCE_REFUSED, "the national code has no back end to ask")


NATIONAL: Final = NationalFamily()
