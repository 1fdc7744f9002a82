"""What goes on after the scenes, for trying by hand: the same federation, in the machine's own time.

The scenes play in the spring of 2020. Commands typed by hand are signed with the machine's clock, so the
federation's is set to it; callers' keys, the bundle and some people's reports are renewed for that time.
"""

import shlex
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tongxing.core.words import PlaceKind, Sentence
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import REGIONS, back_end_name, device_name, gateway_name
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import GUANGXI, HUBEI

ERA: Final = "-by-hand"
PEOPLE_RENEWED: Final = 500


@dataclass(frozen=True, slots=True)
class Command:
    """A command to try, and what it does."""

    says: Sentence
    shell: str


def go_on_in_present(federation: Federation) -> None:
    """Set the clock to the machine's and renew what has ended by then."""
    federation.clock.set(datetime.now(UTC))
    federation.publish_again()
    federation.enrol_callers(ERA)
    for region in REGIONS:
        for _docked in federation.dock(region, PEOPLE_RENEWED):
            pass


def list_commands(federation: Federation) -> tuple[Command, ...]:
    """Return commands that work as they are, in the shell from which the demo was started."""
    grounds = federation.grounds
    host, home = grounds.url(gateway_name(GUANGXI)), grounds.url(gateway_name(HUBEI))
    home_back_end = grounds.url(back_end_name(HUBEI))
    device = _path(grounds.key_file(device_name(GUANGXI, PlaceKind.TRAFFIC_GATE) + ERA))
    back_end = _path(grounds.key_file(back_end_name(HUBEI) + ERA))
    person = federation.people[HUBEI].pick(Circumstance.GREEN_LOW_RISK_COUNTY)
    token = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE).renew_session()
    show = (
        f'CODE=$(curl -s {home_back_end}/_show -d \'{{"person": {{"circumstance": "yellow_close_contact"}}}}\' '
        '| sed \'s/.*"qr_text":"\\([^"]*\\)".*/\\1/\')'
    )
    scan = (
        f"curl -s {host}/v1/verifications -H 'authorization: Bearer {token}' -H 'content-type: application/json' "
        '-d "{\\"qr_text\\": \\"$CODE\\", \\"place_kind\\": \\"traffic_gate\\"}"'
    )
    # By standard input, as with real people: arguments are seen by everybody on a machine.
    told = f"printf '%s\\n' {person.document.number} {person.name}"
    made = f"{told} | {_program()} make - --gateway {home} --key {back_end}"
    verify = f"{_program()} verify - --gateway {host} --key {device}"
    return (
        Command(Sentence("密切接触者在湖北打开健康码", "a close contact opens the code in Hubei"), show),
        Command(
            Sentence("广西卡口扫码（会话15分钟内有效）", "Guangxi's gate scans it (the session lasts 15 minutes)"), scan
        ),
        Command(
            Sentence("湖北签发全国码，广西查验", "Hubei makes a national code, Guangxi checks it"), f"{made} | {verify}"
        ),
        Command(
            Sentence("让湖北健康码系统答网页", "let Hubei's back end answer HTML"),
            f'curl -s {home_back_end}/_switch -d \'{{"fault": "html"}}\'',
        ),
        Command(Sentence("恢复", "mend it"), f"curl -s {home_back_end}/_switch -d '{{\"fault\": null}}'"),
        Command(Sentence("接口说明", "what the gateway can be asked"), f"curl -s {host}/openapi.json"),
        Command(Sentence("度量", "metrics"), f"curl -s {host}/metrics"),
    )


def _program() -> str:
    """Return how this program was called, so that what is printed works from where it was."""
    called = Path(sys.argv[0])
    return _path(called.absolute()) if called.name == "tongxing" else "tongxing"


def _path(path: Path) -> str:
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
