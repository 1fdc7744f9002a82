"""The federation's assessor at the hub: takes in evidence and declarations, and says what follows from them (way 3).

Authorities hand in cases, contacts and entries by document, the regions' gateways their citizens'
declarations by subject key. Nothing is judged when it arrives: each question is answered from what is
held then, under the risk areas in force then (``recognition.assessing``).
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Final

from tongxing.core.datasets import DATASET_OF, HANDED_IN, Dataset
from tongxing.core.errors import Refused
from tongxing.core.evidence import Evidence, EvidenceKind
from tongxing.core.health_answers import DeclaredHealth
from tongxing.core.limits import CLOCK_SKEW, EVIDENCE_PER_BATCH_MAX, MASKED_NAME_KEPT, STAYS_PER_DECLARATION_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import Proof, ProofKind
from tongxing.core.provinces import PROVINCE_NAMES
from tongxing.core.subjects import Document, SubjectKey, SubjectKeys
from tongxing.recognition.assessing import Assessed, assess
from tongxing.recognition.registers import proofs_of
from tongxing.risk.risk_map import RiskMap
from tongxing.services.dataset_ports import DatasetMark, DatasetMarkStore
from tongxing.services.declarations import Declaration
from tongxing.services.evidence_intake import check_authority, check_span, kept_until
from tongxing.services.hub_desk import KeyService
from tongxing.services.masked_names import MaskedNames
from tongxing.services.person_documents import DocumentBook
from tongxing.services.ports import Clock, EvidenceStore, PutCount, SubjectEvidence
from tongxing.services.published import Published

NOTHING_SAID: Final[Mapping[Dataset, datetime]] = MappingProxyType({})


class Assessor:
    """Assesses subjects at the hub."""

    def __init__(
        self,
        *,
        key_service: KeyService,
        documents: DocumentBook,
        evidence: EvidenceStore,
        published: Published,
        marks: DatasetMarkStore,
        names: MaskedNames,
        clock: Clock,
    ) -> None:
        self._key_service = key_service
        self._documents = documents
        self._evidence = evidence
        self._published = published
        self._marks = marks
        self._names = names
        self._clock = clock

    async def take_in(
        self,
        rows: Sequence[tuple[Document, Evidence]],
        *,
        names: Sequence[str] = (),
        complete_until: Mapping[Dataset, datetime] = NOTHING_SAID,
    ) -> PutCount:
        """Take in an authority's evidence by document; durable when it returns, sent twice counts once.

        ``names``, where given, has one for each row, empty where it is not known: only what may be shown of it is
        kept, sealed and apart. ``complete_until`` says for a dataset that nothing until then is missing; without it
        a dataset counts as far as its newest row. Raises ``Refused(BAD_REQUEST)``: too many rows, a kind that is a
        person's own to declare, a case of no kind of case, an end before its beginning, a beginning in the future.
        """
        if len(rows) > EVIDENCE_PER_BATCH_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"more than {EVIDENCE_PER_BATCH_MAX} rows")
        at = self._clock.now()
        for index, (_, piece) in enumerate(rows):
            with _naming(f"row {index}"):
                check_authority(piece, at)
        _check_complete(complete_until, at)
        subjects = await self._key_service.derive([document for document, _ in rows])
        count = await self._evidence.put_evidence(
            [
                SubjectEvidence(keys[0], piece, kept_until(piece, at))
                for keys, (_, piece) in zip(subjects, rows, strict=True)
            ]
        )
        if any(names):
            known = [(keys, name) for keys, name in zip(subjects, names, strict=True) if name]
            await self._names.keep(known, at + MASKED_NAME_KEPT)
        await self._marks.mark(_marks_of([piece for _, piece in rows], complete_until, at))
        return count

    async def declare(self, keys: SubjectKeys, declaration: Declaration) -> datetime:
        """Take in a person's declaration of now; return when it was made. The same again counts once.

        Raises ``Refused(BAD_REQUEST)``: neither health nor a stay, too many stays, or one that lies in no
        province or in the future, or ends before it begins.
        """
        at = self._clock.now()
        if len(declaration.stays) > STAYS_PER_DECLARATION_MAX or not (declaration.stays or declaration.health):
            raise Refused(ProblemId.BAD_REQUEST, f"a declaration has 1 to {STAYS_PER_DECLARATION_MAX} stays")
        for index, stay in enumerate(declaration.stays):
            if stay.division[:2] not in PROVINCE_NAMES:
                raise Refused(ProblemId.BAD_REQUEST, f"stay {index}: no province has such a number")
            with _naming(f"stay {index}"):
                check_span(stay.since, stay.until, at)
        pieces = _pieces_of(declaration, at)
        made = pieces[0].kind, pieces[0].ref
        for piece in await self.evidence_of(keys):
            if (piece.kind, piece.ref) == made:
                return piece.since
        await self._evidence.put_evidence([SubjectEvidence(keys[0], each, kept_until(each, at)) for each in pieces])
        return at

    async def assess(self, keys: SubjectKeys, *, is_freight: bool = False) -> Assessed:
        """Return what follows now from all that is held of a subject, under whichever of its keys.

        ``is_freight``: the subject drives goods on a transit pass.
        """
        return self.assess_pieces(await self.evidence_of(keys), is_freight=is_freight)

    def assess_pieces(self, evidence: Sequence[Evidence], *, is_freight: bool = False) -> Assessed:
        """Return what follows now from these pieces."""
        risk = self._published.risk or RiskMap.empty()
        return assess(evidence, risk, at=self._clock.now(), is_freight=is_freight)

    async def proofs_of(self, keys: SubjectKeys, asked: AbstractSet[ProofKind]) -> tuple[Proof, ...]:
        """Return what registers hold of a subject that proves something, of the kinds that are asked for."""
        if not asked:
            return ()
        return proofs_of(await self.evidence_of(keys), asked, at=self._clock.now())

    async def evidence_of(self, keys: SubjectKeys) -> tuple[Evidence, ...]:
        """Return what is held of a person under all documents; a source's number counts within one document."""
        person = await self._documents.documents_of(keys)
        return tuple([piece for document in person.documents for piece in await self._of_document(document)])

    async def _of_document(self, keys: SubjectKeys) -> tuple[Evidence, ...]:
        newest: dict[tuple[EvidenceKind, str], Evidence] = {}
        for key in reversed(keys):  # the oldest first: what is led over to a newer key meanwhile is met there
            for row in await self._evidence.evidence_of(SubjectKey(key)):
                name = row.evidence.kind, row.evidence.ref
                known = newest.setdefault(name, row.evidence)
                if (row.evidence.revision, row.evidence.retracted) > (known.revision, known.retracted):
                    newest[name] = row.evidence
        return tuple(newest.values())


_KIND_OF_HEALTH: Final[Mapping[DeclaredHealth, EvidenceKind]] = {
    DeclaredHealth.CLEAR: EvidenceKind.HEALTH,
    DeclaredHealth.CONCERN: EvidenceKind.CONCERN,
    DeclaredHealth.CONTACT: EvidenceKind.DECLARED_CONTACT,
}


def _pieces_of(declaration: Declaration, at: datetime) -> list[Evidence]:
    """Return the evidence that a declaration is; only one of stays says that the person was asked where they were."""
    ref = declaration.ref
    pieces = [] if declaration.health is None else [Evidence(_KIND_OF_HEALTH[declaration.health], ref, 0, at)]
    if declaration.stays:
        pieces.append(Evidence(EvidenceKind.DECLARATION, ref, 0, at))
    return pieces + [
        Evidence(EvidenceKind.STAY, f"{ref}.{index}", 0, stay.since, stay.until, stay.division)
        for index, stay in enumerate(declaration.stays)
    ]


def _check_complete(complete_until: Mapping[Dataset, datetime], at: datetime) -> None:
    for dataset, as_of in complete_until.items():
        if dataset not in HANDED_IN:
            raise Refused(ProblemId.BAD_REQUEST, f"{dataset}: nobody hands this in as evidence")
        if as_of > at + CLOCK_SKEW:
            raise Refused(ProblemId.BAD_REQUEST, f"{dataset}: nothing is whole until a moment to come")


def _marks_of(
    pieces: Sequence[Evidence], complete_until: Mapping[Dataset, datetime], at: datetime
) -> list[DatasetMark]:
    newest = dict(complete_until)
    for piece in pieces:
        dataset = DATASET_OF[piece.kind]
        if dataset not in complete_until:
            newest[dataset] = max(newest.get(dataset, piece.since), piece.since)
    return [DatasetMark(dataset, as_of, at) for dataset, as_of in newest.items()]


@contextmanager
def _naming(what: str) -> Iterator[None]:
    """Say in a refusal which of several is meant."""
    try:
        yield
    except Refused as refused:
        raise Refused(refused.problem, f"{what}: {refused.detail}") from refused
