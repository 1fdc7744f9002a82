"""Arranges what people of the further scenes show: does over HTTP what they and their regions did before the scan.

Where a citizen would ask their gateway, the sandbox asks the hub with that gateway's own key, which it
has made; where a region's system would act, its back end's key is used.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import httpx

from tongxing.app.node_keys import GatewayKeys
from tongxing.core.causes import Cause, HeldCause
from tongxing.core.errors import Fault
from tongxing.core.levels import Level, Standing
from tongxing.core.masking import mask_name
from tongxing.core.reports import Report
from tongxing.core.words import RegionId
from tongxing.simulation.callers import TIMEOUT_SECONDS, Caller
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import HUB, back_end_name, gateway_name
from tongxing.simulation.people import CIRCUMSTANCES, Circumstance, Person, dock_row
from tongxing.simulation.shown import (
    Arranged,
    Asked,
    AssessedCode,
    ConvertedCode,
    DisputedCode,
    PrintedCode,
    TransitPass,
    TypedDocument,
    VisitorsCode,
)
from tongxing.wire.reports import encode_report

_GREEN_OTHERWISE: Final = frozenset({Circumstance.GREEN_MEDIUM_RISK_COUNTY, Circumstance.GREEN_STAY_UNKNOWN})
PASS_LIFE: Final = timedelta(hours=48)
STAYED: Final = timedelta(days=20)
"""The stay that is declared began so long ago: before everything that counts."""


@dataclass(frozen=True, slots=True)
class Display:
    """What is held in front of the guard, and whose region can explain: a text, a picture of one, or a document."""

    region: RegionId | None
    qr_text: str = ""
    picture: bytes | None = None
    document: dict[str, str] | None = None


def arrange(federation: Federation, shown: Arranged) -> Display:
    """Do what came before the scan and return what is shown."""
    match shown:
        case VisitorsCode(circumstance, home, host):
            return Display(host, open_visitors_code(federation, newcomer(federation, home, circumstance), host))
        case ConvertedCode(circumstance, home, host):
            person = newcomer(federation, home, circumstance)
            displayed = convert(federation, person, host, shown.asked)
            if shown.turned is not None:
                turn(federation, person, shown.turned)
            return Display(host, displayed["qr_text"])
        case AssessedCode(region, local):
            return Display(region, make_assessed_code(federation, region, local))
        case DisputedCode(circumstance, home):
            person = newcomer(federation, home, circumstance)
            dispute(federation, person, shown)
            return Display(home, show(federation, person))
        case PrintedCode(circumstance, home):
            person = newcomer(federation, home, circumstance)
            return Display(home, print_reference(federation, person))
        case TransitPass(circumstance, home):
            person = newcomer(federation, home, circumstance)
            made = make_transit_pass(federation, person, shown)
            if shown.withdrawn:
                federation.back_ends[home].post(f"/v1/transit-passes/{made['pass_id']}/withdrawal")
            return Display(home, made["qr_text"])
        case TypedDocument(circumstance, home):
            return Display(None, document=document_of(newcomer(federation, home, circumstance)))


def newcomer(federation: Federation, region: RegionId, circumstance: Circumstance) -> Person:
    """Return a person whom no scene has touched yet, now in that circumstance by their region's word, and docked.

    Who is green in another way than most stays so: nothing ever happens to those.
    """
    if circumstance in _GREEN_OTHERWISE:
        person = federation.people[region].pick(circumstance)
    else:
        person = federation.take_person(region)
    if circumstance is person.circumstance:
        dock(federation, region, person)
    else:
        turn(federation, person, circumstance)
    return person


def dock(federation: Federation, region: RegionId, person: Person) -> None:
    """Let a region's back end hand its gateway what it says of a person now. Raises our Fault if that is set aside."""
    row = dock_row(person, federation.clock.now())
    docked = federation.back_ends[region].post("/v1/docked-reports", {"rows": [row]})
    if docked["set_aside"]:
        raise Fault(f"the row of a person was set aside by region {region}: {docked['set_aside']}")


def turn(federation: Federation, person: Person, circumstance: Circumstance) -> None:
    """Let the person's own region say something else of them from now on, at its back end and to its gateway."""
    switched = {"person": {"number": person.document.number}, "circumstance": circumstance}
    federation.switchboard(person.region, "/_switch", switched)
    federation.clock.advance(timedelta(seconds=1))
    dock(federation, person.region, as_seen_by(federation, person.region, person, circumstance))


def as_seen_by(federation: Federation, region: RegionId, person: Person, circumstance: Circumstance) -> Person:
    """Return the person as ``region`` has them in its records, in a circumstance that began now."""
    state, now = CIRCUMSTANCES[region][circumstance], federation.clock.now()
    return replace(person, region=region, circumstance=circumstance, state=state, since=now, registered_last=now)


def show(federation: Federation, person: Person) -> str:
    """Return the text of the local code that the person's phone displays now."""
    asked = {"person": {"number": person.document.number}}
    shown: str = federation.switchboard(person.region, "/_show", asked)["qr_text"]
    return shown


def open_visitors_code(federation: Federation, person: Person, host: RegionId) -> str:
    """Let a visitor open ``host``'s own code as its people do; return its text. Only where the dialect is Beijing's."""
    asked = {"cardType": person.document.type, "cardId": person.document.number, "name": person.name}
    url = federation.grounds.url(back_end_name(host)) + "/jkb/code/open"
    answer = httpx.post(url, json=asked, timeout=TIMEOUT_SECONDS, trust_env=False).raise_for_status().json()
    qr_text: str = answer["data"]["qrText"]
    return qr_text


def convert(federation: Federation, person: Person, host: RegionId, asked: Asked) -> dict[str, Any]:
    """Return the first display of the host's code for a person of another region. Raises ProblemAnswered."""
    wanted: dict[str, object] = {"consent": True}
    match asked:
        case Asked.BY_SHOWN_CODE:
            wanted["qr_text"] = show(federation, person)
        case Asked.BY_DOCUMENT:
            wanted["document"] = document_of(person)
        case Asked.BY_CARRIED_STATEMENT:
            wanted["statement_hex"] = carry(federation, person, host)["statement_hex"]
            wanted["document"] = document_of(person)
    displayed: dict[str, Any] = federation.back_ends[host].post("/v1/conversions", wanted)
    return displayed


def carry(federation: Federation, person: Person, audience: RegionId) -> dict[str, Any]:
    """Return the statement that the person's own region hands them for another region."""
    wanted = {"document": document_of(person), "name": person.name, "audience": audience, "consent": True}
    carried: dict[str, Any] = federation.back_ends[person.region].post("/v1/carried-statements", wanted)
    return carried


def print_reference(federation: Federation, person: Person) -> str:
    """Return the text of a printed code that the person's own region makes."""
    wanted = {"document": document_of(person), "name": person.name, "consent": True}
    qr_text: str = federation.back_ends[person.region].post("/v1/printed-codes", wanted)["qr_text"]
    return qr_text


def make_transit_pass(federation: Federation, person: Person, shown: TransitPass) -> dict[str, Any]:
    """Return a transit pass that the driver's own region makes, good for two days from now."""
    back_end = federation.back_ends[person.region]
    ticket = back_end.post("/v1/tickets")
    wanted = {
        "serial": ticket["serial"],
        "random": ticket["random"],
        "document": document_of(person),
        "name": person.name,
        "plate": shown.plate,
        "route": shown.route,
        "valid_until": (federation.clock.now() + PASS_LIFE).isoformat(),
    }
    made: dict[str, Any] = back_end.post("/v1/transit-passes", wanted)
    return made


def make_assessed_code(federation: Federation, region: RegionId, local: Circumstance | None) -> str:
    """Return a national code of the assessor for somebody of ``region`` whom only their declaration speaks for."""
    person = federation.take_person(region)
    with in_gateways_name(federation, region) as gateway:
        declare_stay(federation, gateway, person)
        if local is not None:
            dock(federation, region, as_seen_by(federation, region, person, local))
        return ask_assessor(gateway, person)


def declare_stay(federation: Federation, gateway: Caller, person: Person) -> None:
    """Declare to the assessor, through the person's gateway, that they have been in one place all the time."""
    keys = keys_of(gateway, person)
    stay = {"division": person.stay, "since": (federation.clock.now() - STAYED).isoformat()}
    gateway.post("/v1/declarations", {"subject_keys": keys, "ref": keys[0][:32], "stays": [stay]})


def ask_assessor(gateway: Caller, person: Person) -> str:
    """Return a national code of the assessor for a person. Raises ProblemAnswered where it cannot say anything."""
    wanted = {"subject_keys": keys_of(gateway, person), "masked_hint": mask_name(person.name)}
    qr_text: str = gateway.post("/v1/national-codes", wanted)["qr_text"]
    return qr_text


def dispute(federation: Federation, person: Person, shown: DisputedCode) -> None:
    """Let another region report the person: by its back end, or as of long ago by its gateway."""
    if shown.run_out is None:
        dock(federation, shown.other, as_seen_by(federation, shown.other, person, shown.says))
        return
    now = federation.clock.now()
    since = now - shown.run_out - timedelta(days=3)
    report = Report(
        issuer=shown.other,
        standing=Standing.CURRENT,
        level=Level.HIGH,
        causes=(HeldCause(Cause.CLOSE_CONTACT, since),),
        revision=int(since.timestamp() * 1000),
        as_of=since,
        valid_until=now - shown.run_out,
    )
    with in_gateways_name(federation, shown.other) as gateway:
        row = {"subject": keys_of(gateway, person)[0], "report": encode_report(report)}
        gateway.post("/v1/reports", {"reports": [row]})


def document_of(person: Person) -> dict[str, str]:
    """Return the document as calls name it."""
    return {"type": str(person.document.type), "number": person.document.number}


def in_gateways_name(federation: Federation, region: RegionId) -> Caller:
    """Return a caller of the hub with the own key of a region's gateway."""
    grounds = federation.grounds
    key = GatewayKeys.load(grounds.keys_dir(gateway_name(region))).request
    return Caller(grounds.url(HUB), key, federation.clock)


def keys_of(gateway: Caller, person: Person) -> list[str]:
    """Return the subject keys of a person, asked of the hub's key service."""
    keys: list[str] = gateway.post("/v1/subject-keys", {"documents": [document_of(person)]})["subject_keys"][0]
    return keys
