"""What goes on after the scenes, for trying by hand: the same federation, in the machine's own time.

The scenes play in the spring of 2020. Commands typed by hand are signed with the machine's clock, so the
federation's is set to it; callers' keys, the bundle and some people's reports are renewed for that time.
"""

import json
import shlex
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tongxing.core.words import FEDERATION, PlaceKind, RegionId, Sentence
from tongxing.services.ports import Role
from tongxing.simulation.callers import Caller
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import HUB, REGIONS, back_end_name, device_name, gateway_name, operator_name
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import GUANGXI, HUBEI

ERA: Final = "-by-hand"
PEOPLE_RENEWED: Final = 500
PAGE_LIFE: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Command:
    """A command to try, and what it does."""

    says: Sentence
    shell: str


def go_on_in_present(federation: Federation) -> None:
    """Set the clock to the machine's and renew what has ended by then."""
    federation.clock.set(datetime.now(UTC))
    federation.begin_era(ERA)
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
    opened = json.dumps({"person": {"circumstance": Circumstance.YELLOW_CLOSE_CONTACT}})
    show = f"{_fetch(f'{home_back_end}/_show', opened)} qr_text"
    # By standard input, as with real people: arguments are seen by everybody on a machine.
    told = f"printf '%s\\n' {person.document.number} {person.name}"
    made = f"{told} | {_program()} make - --gateway {home} --key {back_end}"
    verify = f"{_program()} verify - --gateway {host} --key {device}"
    return (
        *_pages(federation),
        Command(
            Sentence(
                "密切接触者在湖北打开健康码，广西卡口扫码",
                "a close contact opens the code in Hubei, Guangxi's gate scans it",
            ),
            f"{show} | {verify}",
        ),
        Command(
            Sentence("湖北签发全国码，广西查验", "Hubei makes a national code, Guangxi checks it"), f"{made} | {verify}"
        ),
        Command(
            Sentence("湖北签发货运通行证，广西查验", "Hubei makes a transit pass, Guangxi checks it"),
            f"{told} | {_program()} transit-pass make - --plate 鄂A12345 --route 42,43,45 "
            f"--gateway {home} --key {back_end} | {verify}",
        ),
        Command(
            Sentence("让湖北健康码系统答网页", "let Hubei's back end answer HTML"),
            _fetch(f"{home_back_end}/_switch", '{"fault": "html"}'),
        ),
        Command(Sentence("恢复", "mend it"), _fetch(f"{home_back_end}/_switch", '{"fault": null}')),
        Command(
            Sentence("登记的全国底线例外", "the register of exceptions to the national floor"),
            f"{_program()} rules exceptions",
        ),
        Command(Sentence("接口说明", "what the gateway can be asked"), _fetch(f"{host}/openapi.json")),
        Command(Sentence("度量", "metrics"), _fetch(f"{host}/metrics")),
    )


def _pages(federation: Federation) -> tuple[Command, ...]:
    """Return where the pages are. A pairing link is good once and for ten minutes; the command makes another."""
    grounds = federation.grounds
    host, home, hub = (grounds.url(name) for name in (gateway_name(GUANGXI), gateway_name(HUBEI), HUB))
    key = _path(grounds.key_file(operator_name(GUANGXI)))
    again = f"{_program()} pair checkpoint gate --node {host} --key {key}"
    checkpoint = _pair(federation, GUANGXI, Role.DEVICE)
    operator = _pair(federation, GUANGXI, Role.OPERATOR)
    hub_operator = _pair(federation, FEDERATION, Role.OPERATOR)
    approver = _paired_by(federation, federation.second_operator, Role.OPERATOR)
    return (
        Command(
            Sentence(
                "查验点页面，浏览器打开（广西；链接10分钟内一次有效）", "the checkpoint's page, in a browser (Guangxi)"
            ),
            f"{host}/checkpoint#pair={checkpoint}",
        ),
        Command(
            Sentence("公民页面（湖北；登录时选择一位测试人员）", "the citizen's page (Hubei; choose a test identity)"),
            f"{home}/my",
        ),
        Command(Sentence("运维页面（广西）", "the operator's page (Guangxi)"), f"{host}/operator#pair={operator}"),
        Command(Sentence("运维页面（全国平台）", "the operator's page (hub)"), f"{hub}/operator#pair={hub_operator}"),
        Command(
            Sentence(
                "编辑规则的页面（全国平台，第二位运维，审批规则；用另一个浏览器打开）",
                "the editor of rules (hub, the second operator, who approves; in another browser)",
            ),
            f"{hub}/editor#pair={approver}",
        ),
        Command(Sentence("各地健康码（全国平台）", "regions and their codes (hub)"), f"{hub}/regions"),
        Command(Sentence("查验规则（全国平台）", "the rules (hub)"), f"{hub}/rules"),
        Command(Sentence("规则的代价（全国平台）", "what rules cost (hub)"), f"{hub}/costs"),
        Command(Sentence("风险地区地图（全国平台）", "the map of risk areas (hub)"), f"{hub}/map"),
        Command(Sentence("再要一个配对链接", "another pairing link, for another browser"), again),
    )


def _pair(federation: Federation, region: RegionId, role: Role) -> str:
    return _paired_by(federation, federation.operators[region], role)


def _paired_by(federation: Federation, operator: Caller, role: Role) -> str:
    until = (federation.clock.now() + PAGE_LIFE).isoformat()
    offer = {"role": role, "label": f"a page of the demo as {role}", "valid_until": until}
    pairing_code: str = operator.post("/v1/pairings", offer)["pairing_code"]
    return pairing_code


def _fetch(url: str, body: str | None = None) -> str:
    """Return a command that asks ``url`` and prints the answer, with nothing but what is installed already."""
    sent = "" if body is None else f" {shlex.quote(body)}"
    return f"{_python()} -m tongxing.simulation.asking {url}{sent}"


def _python() -> str:
    return _path(Path(sys.executable).absolute())


def _program() -> str:
    """Return how this program was called, so that what is printed works from where it was."""
    called = Path(sys.argv[0])
    return _path(called.absolute()) if called.name == "tongxing" else "tongxing"


def _path(path: Path) -> str:
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
