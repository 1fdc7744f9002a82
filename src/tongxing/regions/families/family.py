"""The family protocol: what the verifier needs of a kind of code."""

from collections.abc import Generator, Mapping
from datetime import datetime
from typing import Protocol

from tongxing.regions.answers import BackEndAnswer, BackEndRequest, SourceAnswer
from tongxing.regions.profile import Profile

Asking = Generator[BackEndRequest, BackEndAnswer, SourceAnswer]
"""A conversation with a back end: requests out, answers in, the source's own words at the end."""


class Family(Protocol):
    """One kind of code and interface."""

    @property
    def name(self) -> str:
        """The name by which profiles choose the family."""

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` is well-formed as a code of this kind and region; says nothing of its truth."""

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:
        """Ask the region's back end about the code ``text``, which ``recognises`` accepted.

        ``at`` is the moment of the decision, ``query_id`` names the query towards the back end.
        ``credentials`` are the secrets, by name, with which some families sign their requests; they come
        from the gateway's settings and never from a profile, which everybody can read.
        Closing the generator at any yield is allowed and leaves nothing behind.

        Raises Rejected(TICKET_UNKNOWN | TICKET_EXPIRED | TICKET_USED) if the back end does not accept
        the code, and Undecidable(SOURCE_AWAY | SOURCE_UNREADABLE | SOURCE_REFUSED |
        OTHER_PERSONS_RECORD) if no usable answer came back. Never anything else, whatever is sent.
        """
