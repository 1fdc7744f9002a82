"""What is played on the loaded cluster: its people at a gate, and the scenes of the demo."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle
from typing import Final

from rich.console import Console

from tests.cluster.ground import Nation
from tests.cluster.loading import people_of
from tests.cluster.telling import counting
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind
from tongxing.simulation.federation import Federation
from tongxing.simulation.people import Person
from tongxing.simulation.playing import play_scene
from tongxing.simulation.scenes import GUANGXI, Scene
from tongxing.simulation.telling import tell_passage, tell_scene

LOOKED_THROUGH: Final = 2_000


def read_at_gates(nation: Nation, of_each: int, seed: int) -> tuple[Counter[str], int]:
    """Have documents read at the gates of Guangxi: of each region's people the first, and the first red one.

    Returns the outcomes, and how many of the red were not stopped. The red are looked for among ``of_each`` people, at
    most ``LOOKED_THROUGH``. A minute passes in between: a device may ask for a few people a minute only.
    """
    first: list[Person] = []
    red: list[Person] = []
    for sender in nation.senders.values():
        people = list(people_of(sender, min(of_each, LOOKED_THROUGH), seed))
        first += people[:1]
        red += [person for person in people if person.circumstance.startswith("red")][:1]
    outcomes = _read_all(nation, first)
    nation.federation.clock.advance(timedelta(minutes=1))
    of_red = _read_all(nation, red)
    return outcomes + of_red, of_red.total() - of_red[Outcome.STOP]


def _read_all(nation: Nation, people: Sequence[Person]) -> Counter[str]:
    devices = nation.federation.devices_beside(GUANGXI, PlaceKind.TRAFFIC_GATE)
    for device in devices:
        device.renew_session()
    read = [{"type": str(person.document.type), "number": person.document.number} for person in people]
    return Counter(
        str(device.verify_document(document).guard["outcome"])
        for device, document in zip(cycle(devices), read, strict=False)
    )


def dock_people_of_scenes(console: Console, federation: Federation) -> None:
    """Have the back ends dock whom the scenes show, through their gateways."""
    people = sum(map(len, federation.people.values()))
    with counting(console, "docked at five gateways", people) as tell:
        for region, own in federation.people.items():
            before = 0
            for docked in federation.dock(region, len(own)):
                tell(docked - before)
                before = docked


def play_scenes(console: Console, federation: Federation, scenes: Sequence[Scene]) -> tuple[int, int]:
    """Play scenes; return how many verdicts were told and how many of them were not as expected, which are printed."""
    passages = wrong = 0
    with counting(console, "scenes", len(scenes)) as tell:
        for scene in scenes:
            for passage in play_scene(federation, scene):
                passages += 1
                if passage.departures():
                    wrong += 1
                    tell_scene(console, scene)
                    tell_passage(console, passage)
            federation.processes.check_running()
            tell(1)
    return passages, wrong
