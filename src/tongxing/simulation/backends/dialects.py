"""Back ends made from profiles: the dialect of each family, and what a gateway must know to be answered."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from starlette.applications import Starlette
from starlette.types import ASGIApp

from tongxing.regions.families.day_password import APP_ID
from tongxing.regions.families.keyed_call import APP_KEY, APP_SECRET
from tongxing.regions.families.signed_numeric import SIGNING_SECRET
from tongxing.regions.profile import Profile
from tongxing.services.ports import Clock
from tongxing.simulation.backends.colour_query import ColourQueryBackEnd
from tongxing.simulation.backends.day_password import INSECURE_TEST_APP_ID, DayPasswordBackEnd
from tongxing.simulation.backends.dialect import Dialect, Premises
from tongxing.simulation.backends.faults import Faults, FaultyApp
from tongxing.simulation.backends.gate_numeric import GateNumericBackEnd
from tongxing.simulation.backends.keyed_call import (
    INSECURE_TEST_APP_KEY,
    INSECURE_TEST_APP_SECRET,
    KeyedCallBackEnd,
)
from tongxing.simulation.backends.make_validate import MakeValidateBackEnd
from tongxing.simulation.backends.national_levels import NationalLevelsBackEnd
from tongxing.simulation.backends.no_code import NoCodeBackEnd
from tongxing.simulation.backends.paper import PaperBackEnd
from tongxing.simulation.backends.recognising import Recognising, Unasked
from tongxing.simulation.backends.records import Records
from tongxing.simulation.backends.signed_numeric import INSECURE_TEST_SECRET, SignedNumericBackEnd
from tongxing.simulation.backends.switchboard import switchboard_routes
from tongxing.simulation.backends.travel_card import TravelCardBackEnd
from tongxing.simulation.backends.unsigned_json import UnsignedJsonBackEnd
from tongxing.simulation.backends.words import WordsBackEnd
from tongxing.simulation.people import People

DIALECT_OF_FAMILY: Final[Mapping[str, Callable[[Premises, Profile], Dialect]]] = MappingProxyType(
    {
        "make_validate": MakeValidateBackEnd,
        "colour_query": ColourQueryBackEnd,
        "words": WordsBackEnd,
        "signed_numeric": SignedNumericBackEnd,
        "national": NoCodeBackEnd,
        "gate_numeric": GateNumericBackEnd,
        "national_levels": NationalLevelsBackEnd,
        "keyed_call": KeyedCallBackEnd,
        "day_password": DayPasswordBackEnd,
        "unsigned_json": UnsignedJsonBackEnd,
        "travel_card": TravelCardBackEnd,
        "paper": PaperBackEnd,
    }
)
"""By the name of the family."""

FAMILY_CREDENTIALS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "signed_numeric": MappingProxyType({SIGNING_SECRET: INSECURE_TEST_SECRET}),
        "keyed_call": MappingProxyType({APP_KEY: INSECURE_TEST_APP_KEY, APP_SECRET: INSECURE_TEST_APP_SECRET}),
        "day_password": MappingProxyType({APP_ID: INSECURE_TEST_APP_ID}),
    }
)
"""By family: the secrets that a gateway needs to be answered by these. Everybody knows them."""


def build_back_end_of(
    profile: Profile, people: People, clock: Clock, faults: Faults, recognising: Recognising | None = None
) -> ASGIApp:
    """Build the back end of the profile's region for ``people``; without ``recognising`` it knows nobody else."""
    premises = Premises(Records(people), faults, clock, recognising or Unasked())
    return assemble(premises, DIALECT_OF_FAMILY[profile.family](premises, profile))


def assemble(premises: Premises, dialect: Dialect) -> ASGIApp:
    """Return the application of one back end: its dialect, the switchboard, and the faults over both."""
    switchboard = switchboard_routes(premises.records, dialect, premises.faults, premises.clock)
    return FaultyApp(Starlette(routes=[*dialect.routes(), *switchboard]), premises.faults)
