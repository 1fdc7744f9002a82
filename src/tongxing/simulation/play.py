"""``tongxing demo``: founds a federation on this machine, docks its people, plays the scenes, and serves on.

Whatever ends it (the last scene, Ctrl-C, SIGTERM, a fault), every process is stopped before this
returns. Exit status: 0 all verdicts as expected, 1 not, 2 refused (a port in use, a demo already
running), 4 our own fault; 130 and 143 where a signal came before the scenes were through.
"""

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from rich.console import Console

from tongxing.core.errors import Fault, Refused
from tongxing.simulation.by_hand import go_on_in_present, list_commands
from tongxing.simulation.callers import ProblemAnswered
from tongxing.simulation.federation import Federation, run_federation
from tongxing.simulation.freight_scenes import DEMO_SCENES
from tongxing.simulation.playing import play_scene
from tongxing.simulation.scenes import Scene
from tongxing.simulation.state import claim_state
from tongxing.simulation.telling import (
    dock_with_bar,
    tell_commands,
    tell_federation,
    tell_passage,
    tell_result,
    tell_scene,
)

AS_EXPECTED: Final = 0
NOT_AS_EXPECTED: Final = 1
REFUSED: Final = 2
OUR_FAULT: Final = 4
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SIGNAL_STATUS: Final = 128
_WATCH_SECONDS: Final = 0.5


class Ended(KeyboardInterrupt):
    """A signal asks us to end. A KeyboardInterrupt, since event loops hold back every other exception."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def run_demo(
    *, once: bool, people: int, state_dir: Path, first_port: int, scenes: Sequence[Scene] = DEMO_SCENES
) -> int:
    """Run the demo and return the exit status.

    ``people`` are docked, as many in each region. ``state_dir`` is emptied at the start and kept at the end.
    ``first_port`` is the first of twelve on loopback; 0 takes free ones. With ``once`` it ends after the scenes.
    Only in the main thread, where signals arrive.
    """
    console = Console(highlight=False, soft_wrap=True)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    played = None
    try:
        with ending_on_signals(), claim_state(state_dir) as state:
            began = time.monotonic()
            console.print("启动全国平台、各省网关和健康码系统 · starting the hub, the gateways and the back ends")
            with run_federation(state, people=people, first_port=first_port) as federation:
                tell_federation(console, federation)
                played = _play(console, federation, scenes, began)
                if not once:
                    _serve_on(console, federation)
    except Ended as ended:
        console.print(f"\n{ended}: 已停止 · stopped")
        return played if played is not None else _SIGNAL_STATUS + ended.number
    except Refused as refused:
        errors.print(f"refused: {refused.detail}", markup=False)
        return REFUSED
    except (Fault, ProblemAnswered) as fault:
        errors.print(f"fault: {fault}", markup=False)
        return OUR_FAULT
    return played


def _play(console: Console, federation: Federation, scenes: Sequence[Scene], began: float) -> int:
    """Dock everybody, play the scenes, tell the result and return the exit status. Raises Fault as ``_serve_on``."""
    dock_with_bar(console, federation)
    passages = wrong = 0
    for scene in scenes:
        tell_scene(console, scene)
        for passage in play_scene(federation, scene):
            tell_passage(console, passage)
            passages += 1
            wrong += bool(passage.departures())
        federation.processes.check_running()
    tell_result(console, passages, wrong, time.monotonic() - began)
    return NOT_AS_EXPECTED if wrong else AS_EXPECTED


def _serve_on(console: Console, federation: Federation) -> NoReturn:
    """Tell how to try by hand, and serve until a signal comes. Raises Fault if a process ends by itself."""
    go_on_in_present(federation)
    tell_commands(console, list_commands(federation))
    while True:
        federation.processes.check_running()
        time.sleep(_WATCH_SECONDS)


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Turn the first signal into ``Ended``; later ones cannot interrupt the stopping."""

    def end(number: int, _frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Ended(number)

    before = {number: signal.signal(number, end) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
