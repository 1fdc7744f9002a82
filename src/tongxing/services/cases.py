"""Error correction and objections (纠错): opened anywhere, decided by the region that set the state.

1. *Open*: durable here with a number before anything is answered; that is the acknowledgement. The same again
   while it is open is the same case.
2. *Hand on*: told to the deciding region at once, and again until that region has answered; its steps come back
   with each answer. While it is away nothing is lost and the clock goes on.
3. *Decide*: an operator there sees who it is about, and decides on a ground of a closed list. Nobody else can.
4. *Escalate*: beyond its limit the case is told to the hub, and the person sees that it was.

Specs: GB/T 38963, 6 (error correction); terms by the deciding region's profile on the day of opening.
"""

from base64 import b32encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from tongxing.core.calendar import beijing_day, end_of_beijing_day
from tongxing.core.cases import (
    CLAIMS_OF,
    GROUNDS_OF,
    SAID_BY_OPENER,
    Case,
    CaseClaim,
    CaseDecision,
    CaseKind,
    CaseOpener,
    CaseStep,
    DecisionGround,
    StepKind,
)
from tongxing.core.errors import Refused
from tongxing.core.limits import (
    CASE_DECIDE_WITHIN,
    CASE_KEPT,
    CASE_LIMIT_WITHIN,
    CASES_PER_PERSON_PER_DAY,
    CASES_TOLD_AT_ONCE,
    GATEWAY_DEADLINE_SECONDS,
)
from tongxing.core.names import normalise_name
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, SubjectKey, SubjectKeys
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.digests import sha256
from tongxing.crypto.sealing import SealBroken, SealingPair, seal_to
from tongxing.regions.particulars import AppealStep
from tongxing.regions.profile import Profile
from tongxing.services.case_messages import CaseMessage, CasePerson, encode_person, parse_case, parse_person
from tongxing.services.case_ports import CaseCount, CasePeers, CaseStore, HeldCase
from tongxing.services.ports import Clock, Entropy
from tongxing.services.way_ports import Allowance, LimitResult, LimitStore
from tongxing.trust.directory import DirectoryRecord

_NUMBER_ALPHABET: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_NUMBER_BYTES: Final = 5

DecisionEffect = Callable[[Case, DecisionGround], Awaitable[None]]
"""What follows from a decision beside telling it; done before the decision is kept, and may be done again."""


class CaseReference(Protocol):
    """What a node knows of the regions that decide."""

    def find_record(self, region: RegionId) -> DirectoryRecord | None:
        """Return a region's directory record, the federation's under its own number."""
        ...

    def find_profile(self, region: RegionId) -> Profile | None:
        """Return a region's profile."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class CaseRequest:
    """What is said to be wrong, against which region's word, and about whom. The document is sealed and forgotten.

    ``about`` and ``other_document`` are of a mismatch or a wrong link only: the other document.
    """

    kind: CaseKind
    claim: CaseClaim
    against: RegionId
    opened_by: CaseOpener
    document: Document
    name: str
    about: SubjectKey | None = None
    other_document: Document | None = None
    other_name: str | None = None


@dataclass(frozen=True, slots=True)
class CaseParts:
    """What a node's cases need of it."""

    region: RegionId
    reference: CaseReference
    store: CaseStore
    limits: LimitStore
    peers: CasePeers
    sealing: SealingPair
    clock: Clock
    entropy: Entropy


class CaseDesk:
    """The cases of one node: those that it took in, and those that it has to decide."""

    def __init__(self, parts: CaseParts, effect: DecisionEffect | None = None) -> None:
        self._parts = parts
        self._effect = effect

    async def open_case(self, keys: SubjectKeys, request: CaseRequest) -> Case:
        """Open a case about whoever has ``keys``; durable with its number when it returns, and on its way.

        Raises Refused: BAD_REQUEST (a claim of another kind, no name), NOT_FOUND (no such region), LIMITED.
        """
        parts, at = self._parts, self._parts.clock.now()
        if request.claim not in CLAIMS_OF[request.kind]:
            raise Refused(ProblemId.BAD_REQUEST, f"{request.claim} is not what a case of the kind {request.kind} says")
        name = _write_names(request)
        decider = parts.reference.find_record(request.against)
        if decider is None or decider.sealing_public is None:
            raise Refused(ProblemId.NOT_FOUND, "no such region takes part")
        for case in await parts.store.cases_of(keys):
            if not case.is_closed and _what(case.kind, case.decider, case.about) == _what_of(request):
                return case
        if request.opened_by is not CaseOpener.SYSTEM:
            await self._take_allowance(keys[0], at)
        case = self._write(keys[0], request, at)
        documents = tuple(each for each in (request.document, request.other_document) if each is not None)
        content = encode_person(CasePerson(name, documents))
        sealed = seal_to(decider.sealing_public, content, _sealing_info(case.number))
        open_key = sha256(b"open case " + keys[0] + repr(_what_of(request)).encode())
        kept = await parts.store.open_case(HeldCase(case, sealed), open_key)
        return await self._tell(HeldCase(kept, sealed)) if kept.number == case.number else kept

    async def cases_of(self, keys: SubjectKeys) -> tuple[Case, ...]:
        """Return the cases about somebody, the newest first, for that person and nobody else."""
        return await self._parts.store.cases_of(keys)

    async def find_case(self, number: str, keys: SubjectKeys) -> Case:
        """Return a case of one's own. Raises Refused(NOT_FOUND) for every other number."""
        held = await self._parts.store.find_case(number)
        if held is None or held.case.subject not in keys:
            raise Refused(ProblemId.NOT_FOUND, "no such case of yours")
        return held.case

    async def withdraw(self, number: str, keys: SubjectKeys) -> Case:
        """Take back a case of one's own that is not decided. Raises Refused: NOT_FOUND, CONFLICT (decided)."""
        case = await self.find_case(number, keys)
        if case.opener != self._parts.region:
            raise Refused(ProblemId.NOT_FOUND, "ask the region where the case was opened")
        if case.step(StepKind.DECIDED) is not None:
            raise Refused(ProblemId.CONFLICT, "the case is decided")
        return await self._tell(HeldCase(await self._add(case, StepKind.WITHDRAWN), None))

    async def take_in(self, message: CaseMessage, sender: RegionId) -> Case:
        """Keep what the region that took a case in tells of it; durable when it returns. Sent again it counts once.

        Raises Refused: FORBIDDEN, BAD_REQUEST, CONFLICT.
        """
        parts, at = self._parts, self._parts.clock.now()
        held = parse_case(message, sender, parts.region, at)
        kept = await parts.store.take_in(held)
        steps = list(held.case.steps)
        if held.case.decider == parts.region and kept.step(StepKind.RECEIVED) is None:
            steps.append(CaseStep(StepKind.RECEIVED, at, parts.region))
        return await parts.store.add_steps(kept.number, steps, at + CASE_KEPT)

    async def list_cases(self, *, is_closed: bool, limit: int) -> tuple[Case, ...]:
        """Return what is to be decided here, by when it is due; at the hub what was escalated too."""
        decider = None if self._parts.region == FEDERATION else self._parts.region
        return await self._parts.store.cases_for(decider, is_closed=is_closed, limit=limit)

    async def examine(self, number: str) -> tuple[Case, CasePerson]:
        """Return who an open case is about, for an operator who decides it; the person sees that it was taken up.

        Raises Refused: NOT_FOUND (not to be decided here), CONFLICT (closed).
        """
        held = await self._find_to_decide(number)
        if held.sealed is None:
            raise Refused(ProblemId.BAD_REQUEST, "the region that took it in did not say who it is about")
        try:
            person = parse_person(self._parts.sealing.open(held.sealed, _sealing_info(number)))
        except SealBroken as broken:
            raise Refused(ProblemId.BAD_REQUEST, "what the case sealed was not sealed to this region") from broken
        if held.case.step(StepKind.TAKEN_UP) is not None:
            return held.case, person
        return await self._add(held.case, StepKind.TAKEN_UP), person

    async def decide(self, number: str, decision: CaseDecision, ground: DecisionGround) -> Case:
        """Decide a case for good; sent again it counts once.

        Raises Refused: NOT_FOUND (not to be decided here), BAD_REQUEST (a ground that does not go with it), CONFLICT
        (decided otherwise, or withdrawn).
        """
        held = await self._parts.store.find_case(number)
        made = None if held is None else held.case.step(StepKind.DECIDED)
        if held is not None and made is not None and (made.decision, made.ground) == (decision, ground):
            return held.case
        case = (await self._find_to_decide(number)).case
        if ground not in GROUNDS_OF[case.kind, decision]:
            raise Refused(ProblemId.BAD_REQUEST, f"{ground} is no ground on which this is {decision}")
        if self._effect is not None:
            await self._effect(case, ground)
        kept = await self._add(case, StepKind.DECIDED, decision, ground)
        stands = kept.step(StepKind.DECIDED)
        if stands is None or (stands.decision, stands.ground) != (decision, ground):
            raise Refused(ProblemId.CONFLICT, "the case was decided otherwise meanwhile")
        return kept

    async def count_cases(self) -> tuple[CaseCount, ...]:
        """Return how many cases each region has to decide and has decided, as this node knows."""
        return await self._parts.store.count_cases(self._parts.clock.now())

    async def tell_waiting(self) -> int:
        """Tell others what they have not heard, take in what they decided, escalate what is overdue; return how many.

        A node does this by itself, again and again.
        """
        waiting = await self._parts.store.cases_to_tell(self._parts.region, CASES_TOLD_AT_ONCE)
        for held in waiting:
            await self._tell(held)
        return len(waiting)

    def _write(self, subject: SubjectKey, request: CaseRequest, at: datetime) -> Case:
        region, decider = self._parts.region, request.against
        random = b32encode(self._parts.entropy(_NUMBER_BYTES)).decode().translate(_NUMBER_ALPHABET)
        profile = self._parts.reference.find_profile(decider)
        terms = {AppealStep.DECIDE: CASE_DECIDE_WITHIN, AppealStep.LIMIT: CASE_LIMIT_WITHIN}
        terms |= {
            term.step: term.within
            for term in (() if profile is None else profile.appeals)
            if term.evidence.is_in_force(beijing_day(at))
        }
        return Case(
            number=f"{region}-{beijing_day(at):%Y%m%d}-{random}",
            kind=request.kind,
            claim=request.claim,
            opened_by=request.opened_by,
            subject=subject,
            opener=region,
            decider=decider,
            decide_by=at + terms[AppealStep.DECIDE],
            limit_at=at + terms[AppealStep.LIMIT],
            steps=(CaseStep(StepKind.OPENED, at, region),),
            about=request.about,
        )

    async def _take_allowance(self, subject: SubjectKey, at: datetime) -> None:
        key = sha256(b"cases of " + subject + beijing_day(at).isoformat().encode())
        allowance = Allowance(key, CASES_PER_PERSON_PER_DAY, end_of_beijing_day(at))
        if await self._parts.limits.take(allowance) is not LimitResult.TAKEN:
            raise Refused(ProblemId.LIMITED, f"at most {CASES_PER_PERSON_PER_DAY} new cases a day")

    async def _find_to_decide(self, number: str) -> HeldCase:
        held = await self._parts.store.find_case(number)
        if held is None or held.case.decider != self._parts.region:
            raise Refused(ProblemId.NOT_FOUND, "no such case is decided here")
        if held.case.is_closed:
            raise Refused(ProblemId.CONFLICT, "the case is closed")
        return held

    async def _add(
        self,
        case: Case,
        kind: StepKind,
        decision: CaseDecision | None = None,
        ground: DecisionGround | None = None,
    ) -> Case:
        at = self._parts.clock.now()
        step = CaseStep(kind, at, self._parts.region, decision, ground)
        return await self._parts.store.add_steps(case.number, [step], at + CASE_KEPT)

    async def _tell(self, held: HeldCase) -> Case:
        """Tell a case of this region's to whoever must hear of it, once; what fails is tried again later."""
        region, at = self._parts.region, self._parts.clock.now()
        case, is_heard = held.case, True
        if case.decider != region:
            steps = await self._tell_one(case.decider, held)
            is_heard = steps is not None
            theirs = [step for step in steps or () if step.by == case.decider and step.kind not in SAID_BY_OPENER]
            case = await self._parts.store.add_steps(case.number, theirs, at + CASE_KEPT)
        elif case.step(StepKind.RECEIVED) is None and not case.is_closed:
            case = await self._add(case, StepKind.RECEIVED)
        if not case.is_closed and at >= case.limit_at and case.decider != FEDERATION:
            case = await self._add(case, StepKind.ESCALATED)
        if case.step(StepKind.ESCALATED) is not None:
            is_heard = await self._tell_one(FEDERATION, HeldCase(case, None)) is not None and is_heard
        await self._parts.store.mark_told(case.number, at, is_all=case.is_closed and is_heard)
        return case

    async def _tell_one(self, region: RegionId, held: HeldCase) -> Sequence[CaseStep] | None:
        record = self._parts.reference.find_record(region)
        if record is None:
            return None
        try:
            return await self._parts.peers.tell_case(record, held, timeout_seconds=GATEWAY_DEADLINE_SECONDS)
        except Refused:
            return None


def _write_names(request: CaseRequest) -> str:
    """Return the name, or both of a mismatch, as the one who decides reads them."""
    name = normalise_name(request.name)
    return name if request.other_name is None else f"{name} / {normalise_name(request.other_name)}"


def _what(kind: CaseKind, decider: RegionId, about: SubjectKey | None) -> tuple[str, str, str]:
    return kind.value, decider, "" if about is None else about.hex()


def _what_of(request: CaseRequest) -> tuple[str, str, str]:
    return _what(request.kind, request.against, request.about)


def _sealing_info(number: str) -> bytes:
    return b"tongxing case " + number.encode()
