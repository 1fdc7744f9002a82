"""The family ``make_validate``: being built."""

from datetime import datetime
from typing import Final

from tongxing.regions.families.family import Asking
from tongxing.regions.profile import Profile


class MakeValidate:
    """The family ``make_validate``."""

    name: Final = "make_validate"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` is well-formed as a code of the profile's region."""
        return profile.qr.matches(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str) -> Asking:
        """Ask the region's back end; see the protocol."""
        raise NotImplementedError


MAKE_VALIDATE: Final = MakeValidate()
