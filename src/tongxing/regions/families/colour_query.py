"""The family ``colour_query``: being built."""

from datetime import datetime
from typing import Final

from tongxing.regions.families.family import Asking
from tongxing.regions.profile import Profile


class ColourQuery:
    """The family ``colour_query``."""

    name: Final = "colour_query"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` is well-formed as a code of the profile's region."""
        return profile.qr.matches(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str) -> Asking:
        """Ask the region's back end; see the protocol."""
        raise NotImplementedError


COLOUR_QUERY: Final = ColourQuery()
