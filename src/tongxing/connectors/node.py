"""A gateway or the hub, called as its own devices, back end and operator do: by the command line and by integrators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, HttpAnswer, SignedCaller
from tongxing.connectors.problems import raise_problem
from tongxing.core.checkpoints import Temperature
from tongxing.core.entered import NOTHING_ENTERED, Entered
from tongxing.core.errors import Refused
from tongxing.core.limits import REQUEST_BODY_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, SubjectKey
from tongxing.core.transit import Plate, Route
from tongxing.core.verdicts import Direction
from tongxing.core.words import PlaceKind
from tongxing.services.ports import Role

_HTTP_SUCCESS: Final = range(200, 300)
_TIMEOUT_SECONDS: Final = 30.0


_Told = TypeVar("_Told", bound=msgspec.Struct)


class _Aside(msgspec.Struct, frozen=True):
    rows: list[dict[str, Any]]


class _Keys(msgspec.Struct, frozen=True):
    subject_keys: list[list[Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{66}$")]]]


class _Mark(msgspec.Struct, frozen=True):
    number: int


@dataclass(frozen=True, slots=True)
class NodeCaller:
    """Calls the node at ``url`` with requests signed by the caller's key. Answers are decoded JSON."""

    caller: SignedCaller
    url: str

    async def verify(
        self,
        qr_text: str,
        place_kind: PlaceKind,
        direction: Direction | None = None,
        temperature: Temperature | None = None,
        entered: Entered = NOTHING_ENTERED,
    ) -> dict[str, object]:
        """Have a scanned text decided; returns the guard's view. Raises ``Refused``."""
        body: dict[str, object] = {"qr_text": qr_text, "place_kind": place_kind}
        if direction is not None:
            body["direction"] = direction
        if temperature is not None:
            body["temperature"] = {"decicelsius": temperature.decicelsius, "confirmed": temperature.confirmed}
        return await self._call("POST", "/v1/verifications", {**body, **_entered_members(entered)})

    async def verify_picture(
        self,
        picture: bytes,
        place_kind: PlaceKind,
        direction: Direction | None = None,
        temperature: Temperature | None = None,
    ) -> dict[str, object]:
        """Have the QR code in a picture file decided; returns the guard's view. Raises ``Refused``."""
        body: dict[str, object] = {"picture": picture, "place_kind": place_kind}
        if direction is not None:
            body["direction"] = direction
        if temperature is not None:
            body["temperature"] = {"decicelsius": temperature.decicelsius, "confirmed": temperature.confirmed}
        return await self._call("POST", "/v1/verifications/picture", body)

    async def trail(self, ref: str) -> dict[str, object]:
        """Return the auditor's view of a verdict, for an operator. Raises ``Refused``."""
        return await self._call("GET", f"/v1/verdicts/{ref}/trail", None)

    async def make_code(self, document: Document, name: str) -> dict[str, object]:
        """Apply for a ticket and make a national code with it, for a back end. Raises ``Refused``."""
        ticket = await self._call("POST", "/v1/tickets", None)
        body = {
            "serial": ticket["serial"],
            "random": ticket["random"],
            "document": {"type": document.type, "number": document.number},
            "name": name,
        }
        return await self._call("POST", "/v1/codes", body)

    async def make_transit_pass(
        self,
        document: Document,
        name: str,
        plate: Plate,
        route: Route,
        valid_until: datetime,
        valid_from: datetime | None = None,
    ) -> dict[str, object]:
        """Apply for a ticket and make a transit pass with it, for a back end. Raises ``Refused``."""
        ticket = await self._call("POST", "/v1/tickets", None)
        body: dict[str, object] = {
            "serial": ticket["serial"],
            "random": ticket["random"],
            "document": {"type": document.type, "number": document.number},
            "name": name,
            "plate": plate,
            "route": route,
            "valid_until": valid_until,
        }
        if valid_from is not None:
            body["valid_from"] = valid_from
        return await self._call("POST", "/v1/transit-passes", body)

    async def withdraw_transit_pass(self, pass_id: str) -> None:
        """Withdraw a transit pass, for a back end. Raises ``Refused``."""
        await self._call("POST", f"/v1/transit-passes/{quote(pass_id, safe='')}/withdrawal", None)

    async def explain(self, host: str, ref: str, qr_text: str) -> dict[str, object]:
        """Return the citizen's view of a verdict given at ``host``, for a back end. Raises ``Refused``."""
        return await self._call("POST", "/v1/explanations", {"host": host, "ref": ref, "qr_text": qr_text})

    async def offer_pairing(
        self, role: Role, label: str, valid_until: datetime, *, site: str = "", division: str = ""
    ) -> dict[str, object]:
        """Offer to enrol the key of a page, once, for an operator: a device's at a site, in a division.

        Raises ``Refused``.
        """
        body = {"role": role, "label": label, "valid_until": valid_until, "site": site, "division": division}
        return await self._call("POST", "/v1/pairings", body)

    async def enrol(self, public: str, role: Role, label: str, valid_until: datetime) -> dict[str, object]:
        """Enrol the key (``suite:hex``) of a back end or an operator, for an operator. Raises ``Refused``."""
        body = {"public": public, "role": role, "label": label, "valid_until": valid_until}
        return await self._call("POST", "/v1/credentials", body)

    async def publish_risk_list(self, data: bytes) -> dict[str, object]:
        """Publish a risk list as the platform answered it, for the hub's operator. Raises ``Refused``."""
        return await self._send("POST", "/v1/risk-lists", data)

    async def publish_level_table(self, data: bytes) -> dict[str, object]:
        """Publish a table of levels computed from cases, for the hub's operator. Raises ``Refused``."""
        return await self._send("POST", "/v1/risk-level-tables", data, "text/csv")

    async def publish_foreign_trust(self, data: bytes) -> dict[str, object]:
        """Publish whom the federation believes of foreign codes (JSON), for the hub's operator. Raises ``Refused``."""
        return await self._send("POST", "/v1/foreign-trust", data)

    async def publish_profile(self, profile: bytes) -> dict[str, object]:
        """Publish a region's profile (TOML), for the hub's operator. Raises ``Refused``."""
        return await self._send("POST", "/v1/profiles", profile, "application/toml")

    async def publish_record(self, record: object) -> dict[str, object]:
        """Publish a region's directory record, for the hub's operator. Raises ``Refused``."""
        return await self._call("POST", "/v1/directory-records", record)

    async def change_part(self, region: str, change: str) -> dict[str, object]:
        """Suspend a region, end its suspension or have it leave, for the hub's operator. Raises ``Refused``."""
        return await self._call("POST", f"/v1/directory-records/{quote(region, safe='')}/{change}", None)

    async def propose_rules(self, table: bytes) -> dict[str, object]:
        """Propose a rule table (TOML), for the hub's operator; returns the proposal. Raises ``Refused``."""
        return await self._send("POST", "/v1/rule-proposals", table, "application/toml")

    async def approve_rules(self, proposal_id: str) -> dict[str, object]:
        """Approve another operator's proposal; returns it with the number of its bundle. Raises ``Refused``."""
        return await self._call("POST", f"/v1/rule-proposals/{quote(proposal_id, safe='')}/approval", None)

    async def reject_rules(self, proposal_id: str, why: str) -> dict[str, object]:
        """Reject a proposal, or take one's own back. Raises ``Refused``."""
        return await self._call("POST", f"/v1/rule-proposals/{quote(proposal_id, safe='')}/rejection", {"why": why})

    async def send_batch(self, dataset: str, number: int, body: bytes, packing: str) -> dict[str, Any]:
        """Hand in a numbered batch of JSON lines, for a gateway at the hub. Raises ``Refused``."""
        path = f"/v1/datasets/{quote(dataset, safe='')}/batches/{number}?packing={packing}"
        return await self._send("PUT", path, body, "application/x-ndjson")

    async def set_aside(self, dataset: str, number: int, after: int) -> list[dict[str, Any]]:
        """Return rows of a batch that were set aside, from behind a line on. Raises ``Refused``."""
        path = f"/v1/datasets/{quote(dataset, safe='')}/batches/{number}/set-aside?after={after}"
        return _decode_as(await self._call("GET", path, None), _Aside).rows

    async def last_batch(self, dataset: str) -> int:
        """Return the highest number of this sender's batches that the hub has taken in. Raises ``Refused``."""
        told = await self._call("GET", f"/v1/datasets/{quote(dataset, safe='')}/watermark", None)
        return _decode_as(told, _Mark).number

    async def subject_keys(self, documents: Sequence[Document]) -> list[SubjectKey]:
        """Return the newest subject key of each document, for a dataset's owner at the hub. Raises ``Refused``."""
        asked = [{"type": each.type, "number": each.number} for each in documents]
        told = _decode_as(await self._call("POST", "/v1/subject-keys", {"documents": asked}), _Keys)
        if len(told.subject_keys) != len(asked) or not all(told.subject_keys):
            raise Refused(ProblemId.UPSTREAM_AWAY, "the node's answer is unreadable")
        return [SubjectKey(bytes.fromhex(keys[0])) for keys in told.subject_keys]

    async def look_counts(self, days: int) -> dict[str, Any]:
        """Return who has looked at people in the last days, and what for, for an operator. Raises ``Refused``."""
        return await self._call("GET", f"/v1/look-counts?days={days}", None)

    async def key_rotation(self) -> dict[str, Any]:
        """Return how far a rotation of subject keys is, for an operator. Raises ``Refused``."""
        return await self._call("GET", "/v1/key-rotation", None)

    async def say_complete(self, dataset: str, as_of: datetime) -> dict[str, Any]:
        """Say that all which was held at a moment has been sent. Raises ``Refused``."""
        return await self._call("POST", f"/v1/datasets/{quote(dataset, safe='')}/watermark", {"as_of": as_of})

    async def sum_dataset(self, dataset: str, after: str) -> dict[str, Any]:
        """Return sums by day of a stretch of the caller's dataset at the hub. Raises ``Refused``."""
        return await self._call("POST", f"/v1/datasets/{quote(dataset, safe='')}/sums", {"after": after})

    async def enrol_source(
        self, public: str, label: str, valid_until: datetime, datasets: Sequence[str]
    ) -> dict[str, Any]:
        """Enrol the key of datasets' owner, for the hub's operator. Raises ``Refused``."""
        key = {"public": public, "role": Role.SOURCE, "label": label, "valid_until": valid_until}
        return await self._call("POST", "/v1/credentials", {**key, "datasets": datasets})

    async def reconcile(self, after: str, resend: str) -> dict[str, Any]:
        """Compare a stretch of a region's reports with the hub's, for a gateway's operator. Raises ``Refused``."""
        return await self._call("POST", "/v1/reconciliations", {"after": after, "resend": resend})

    async def dock(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Hand in a back end's rows at its gateway. Raises ``Refused``."""
        return await self._call("POST", "/v1/docked-reports", {"rows": rows})

    async def _call(self, method: str, path: str, body: object) -> dict[str, object]:
        return await self._send(method, path, b"" if body is None else msgspec.json.encode(body))

    async def _send(
        self, method: str, path: str, body: bytes, content_type: str = "application/json"
    ) -> dict[str, object]:
        try:
            answer: HttpAnswer = await self.caller.call(
                method,
                self.url + path,
                body=body,
                content_type=content_type,
                timeout_seconds=_TIMEOUT_SECONDS,
                answer_max_bytes=REQUEST_BODY_MAX_BYTES,
            )
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"{self.url}: {failed.kind}") from failed
        if answer.status not in _HTTP_SUCCESS:
            raise_problem(answer, self.url)
        if not answer.body:
            return {}
        try:
            return msgspec.json.decode(answer.body, type=dict[str, object])
        except msgspec.MsgspecError as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"{self.url}: unreadable answer") from unreadable


def _entered_members(entered: Entered) -> dict[str, object]:
    """Return what a guard entered as the API takes it; nothing where nothing was."""
    shown = [
        {
            "kind": proof.kind,
            "at": proof.at,
            "positive": proof.positive,
            "complete": proof.complete,
            "boosted": proof.boosted,
        }
        for proof in entered.proofs
    ]
    members = {
        "groups": sorted(entered.groups),
        "shown": shown,
        "asked": sorted(entered.asked),
        "foreign": entered.foreign_texts,
        "document_name": entered.document_name,
    }
    return {name: value for name, value in members.items() if value}


def _decode_as(told: dict[str, object], kind: type[_Told]) -> _Told:
    try:
        return msgspec.convert(told, kind)
    except msgspec.ValidationError as unreadable:
        raise Refused(ProblemId.UPSTREAM_AWAY, "the node's answer is unreadable") from unreadable
