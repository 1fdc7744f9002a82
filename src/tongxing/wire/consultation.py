"""Consultation: how a host learns what other regions say of whoever shows a local code, without learning who that is.

The issuer's gateway knows the subject, the host must not, and the hub holds the others' reports. So the
statement carries along the subject's keys, sealed to the hub; the host hands them on unread:

1. *Sealed content*, issuer to hub: canonical CBOR {1: unix seconds of making, 2: [subject keys]}, and {3: true} where a
   transit pass was shown, so that the person drives goods. The seal
   is bound to issuer, audience and query by ``consultation_info``, so that nobody but the statement's
   audience can use it, and the hub takes it for as long as it takes the statement.
2. *Answer*, hub to host: a COSE_Sign1 (``wire.cose``) with ``typ`` ``tongxing-consultation`` over
   {1: audience, 2: query id, 3: unix seconds, 4: [reports]}, and {5: [proofs]} where registers hold some of the kinds
   that the host asked for, and {6: unix seconds} until when nothing of the regions that report is missing, where all
   of them have said so; signed by the federation's key for statements. No subject key is in it.

Spec: docs/specs/consultation.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongxing.core.errors import Undecidable
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.proofs import Proof, ProofBasis, ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report
from tongxing.core.subjects import SUBJECT_KEY_BYTES, SUBJECT_KEYS_MAX, SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical
from tongxing.wire.cose import encode_sign1, parse_sign1
from tongxing.wire.reports import encode_report, encode_seconds, parse_region, parse_report, parse_seconds

CONTENT_TYPE: Final = "tongxing-consultation"
CONSULTATION_MIN_BYTES: Final = 48
CONSULTATION_MAX_BYTES: Final = 256
"""A sealed consultation: the seal takes 48 bytes, four subject keys some 150."""

ANSWER_MAX_BYTES: Final = 64 * 1024
REPORTS_MAX: Final = 64
QUERY_ID_BYTES: Final = 16

_INFO: Final = "tongxing consultation"
_MADE_AT, _KEYS, _FREIGHT = 1, 2, 3
_AUDIENCE, _QUERY_ID, _ANSWERED_AT, _REPORTS, _PROOFS, _WHOLE_UNTIL = 1, 2, 3, 4, 5, 6
_PROOF_PARTS: Final = 3


def consultation_info(issuer: RegionId, audience: RegionId, query_id: bytes) -> bytes:
    """Return what the seal is bound to."""
    return encode_canonical([_INFO, str(issuer), str(audience), query_id])


@dataclass(frozen=True, slots=True, repr=False)
class Consultation:
    """Whom a consultation is about, and when it was made; ``is_freight``: on a transit pass, as a driver of goods."""

    keys: SubjectKeys
    made_at: datetime
    is_freight: bool = False


def parse_sealed_consultation(value: object) -> bytes:
    """Check a claim that holds a sealed consultation and return it, unread. Raises ``WireError``."""
    if not isinstance(value, bytes) or not CONSULTATION_MIN_BYTES <= len(value) <= CONSULTATION_MAX_BYTES:
        raise WireError(f"a consultation has {CONSULTATION_MIN_BYTES} to {CONSULTATION_MAX_BYTES} bytes")
    return value


def encode_consultation(keys: SubjectKeys, made_at: datetime, *, is_freight: bool = False) -> bytes:
    """Return the content to be sealed."""
    freight = {_FREIGHT: True} if is_freight else {}
    return encode_canonical({_MADE_AT: encode_seconds(made_at), _KEYS: list(keys), **freight})


def parse_consultation(content: bytes) -> Consultation:
    """Read a content that was unsealed. Raises ``WireError``."""
    value = parse_canonical(content, CONSULTATION_MAX_BYTES)
    if not isinstance(value, dict) or not {_MADE_AT, _KEYS} <= value.keys() <= {_MADE_AT, _KEYS, _FREIGHT}:
        raise WireError("a consultation has a time and keys, says whether goods are driven, and nothing else")
    if value.get(_FREIGHT, True) is not True:
        raise WireError("that goods are driven is said by true, or not at all")
    keys = value[_KEYS]
    if not isinstance(keys, list) or not 0 < len(keys) <= SUBJECT_KEYS_MAX:
        raise WireError(f"a subject has 1 to {SUBJECT_KEYS_MAX} keys")
    made_at = parse_seconds(value[_MADE_AT])
    return Consultation(tuple(_parse_key(key) for key in keys), made_at, _FREIGHT in value)


@dataclass(frozen=True, slots=True)
class ConsultationAnswer:
    """What the hub says to ``audience`` on ``query_id`` (16 bytes): at most ``REPORTS_MAX`` reports of nobody named.

    ``proofs`` is what registers hold of the kinds that the audience asked for, at most one of each. Until
    ``whole_until`` nothing of the regions that report is missing; None where nobody reports, or one never said so.
    """

    audience: RegionId
    query_id: bytes
    answered_at: datetime
    reports: tuple[Report, ...]
    proofs: tuple[Proof, ...] = ()
    whole_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnverifiedConsultationAnswer:
    """An answer whose form is right and whose signature was not checked."""

    kid: bytes
    alg: int
    to_be_signed: bytes
    signature: bytes
    _answer: ConsultationAnswer

    def answer_after(self, verify: Callable[[bytes, bytes], None]) -> ConsultationAnswer:
        """Return the answer once ``verify(to_be_signed, signature)`` did not raise."""
        verify(self.to_be_signed, self.signature)
        return self._answer


def encode_consultation_answer(
    answer: ConsultationAnswer, *, alg: int, kid: bytes, sign: Callable[[bytes], bytes]
) -> bytes:
    """Return the signed bytes of an answer, times cut to seconds.

    Raises ``WireError`` where ``parse_consultation_answer`` would refuse the result.
    """
    content: dict[int, object] = {
        _AUDIENCE: str(answer.audience),
        _QUERY_ID: answer.query_id,
        _ANSWERED_AT: encode_seconds(answer.answered_at),
        _REPORTS: [encode_report(report) for report in answer.reports],
    }
    if answer.proofs:
        content[_PROOFS] = [_encode_proof(proof) for proof in answer.proofs]
    if answer.whole_until is not None:
        content[_WHOLE_UNTIL] = encode_seconds(answer.whole_until)
    payload = encode_canonical(content)
    _parse_payload(payload)
    return encode_sign1(payload, alg=alg, kid=kid, content_type=CONTENT_TYPE, sign=sign)


def parse_consultation_answer(data: bytes) -> UnverifiedConsultationAnswer:
    """Read the bytes of an answer of at most ``ANSWER_MAX_BYTES``. Raises ``Undecidable(SOURCE_UNREADABLE)``."""
    try:
        if len(data) > ANSWER_MAX_BYTES:
            raise WireError(f"an answer of more than {ANSWER_MAX_BYTES} bytes")
        envelope = parse_sign1(data)
        if envelope.content_type != CONTENT_TYPE:
            raise WireError("something else than the answer to a consultation was signed")
        answer = _parse_payload(envelope.payload)
    except WireError as error:
        raise Undecidable(ReasonId.SOURCE_UNREADABLE, str(error)) from error
    return UnverifiedConsultationAnswer(envelope.kid, envelope.alg, envelope.to_be_signed, envelope.signature, answer)


def _parse_payload(payload: bytes) -> ConsultationAnswer:
    value = parse_canonical(payload, ANSWER_MAX_BYTES)
    if not isinstance(value, dict) or value.keys() - {_PROOFS, _WHOLE_UNTIL} != {
        _AUDIENCE,
        _QUERY_ID,
        _ANSWERED_AT,
        _REPORTS,
    }:
        raise WireError("the answer to a consultation has all of its parts and no others")
    query_id, reports = value[_QUERY_ID], value[_REPORTS]
    if not isinstance(query_id, bytes) or len(query_id) != QUERY_ID_BYTES:
        raise WireError(f"a query id has {QUERY_ID_BYTES} bytes")
    if not isinstance(reports, list) or len(reports) > REPORTS_MAX:
        raise WireError(f"at most {REPORTS_MAX} reports")
    return ConsultationAnswer(
        parse_region(value[_AUDIENCE]),
        query_id,
        parse_seconds(value[_ANSWERED_AT]),
        tuple(parse_report(report) for report in reports),
        () if _PROOFS not in value else _parse_proofs(value[_PROOFS], parse_seconds(value[_ANSWERED_AT])),
        parse_seconds(value[_WHOLE_UNTIL]) if _WHOLE_UNTIL in value else None,
    )


def _encode_proof(proof: Proof) -> list[object]:
    """Return the kind, the moment, and what came of it: one of ``_RESULTS``, empty where the kind has none."""
    result = ""
    if proof.positive is not None:
        result = "positive" if proof.positive else "negative"
    elif proof.complete is not None:
        result = "boosted" if proof.boosted else "complete" if proof.complete else "partial"
    return [proof.kind.value, encode_seconds(proof.at), result]


def _parse_proofs(value: object, answered_at: datetime) -> tuple[Proof, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= len(ProofKind):
        raise WireError("an answer has one proof of each kind at most, and no empty list of them")
    proofs = tuple(_parse_proof(each, answered_at) for each in value)
    if len({proof.kind for proof in proofs}) != len(proofs):
        raise WireError("two proofs of one kind")
    return proofs


def _parse_proof(value: object, answered_at: datetime) -> Proof:
    if (
        not isinstance(value, list)
        or len(value) != _PROOF_PARTS
        or not isinstance(value[2], str)
        or value[2] not in _RESULTS
    ):
        raise WireError("a proof has a kind, a moment and a result")
    positive, complete, boosted = _RESULTS[value[2]]
    try:
        kind = ProofKind(value[0])
        proof = Proof(kind, parse_seconds(value[1]), ProofBasis.REGISTER, positive, complete, boosted)
    except ValueError as wrong:
        raise WireError(f"not a proof: {wrong}") from wrong
    if proof.at > answered_at + CLOCK_SKEW and kind is not ProofKind.ISOLATION:
        raise WireError("a proof of the future")
    return proof


_RESULTS: Final[Mapping[str, tuple[bool | None, bool | None, bool]]] = {
    "": (None, None, False),
    "negative": (False, None, False),
    "positive": (True, None, False),
    "partial": (None, False, False),
    "complete": (None, True, False),
    "boosted": (None, True, True),
}
"""The results of proofs: positive, complete, boosted."""


def _parse_key(value: object) -> SubjectKey:
    if not isinstance(value, bytes) or len(value) != SUBJECT_KEY_BYTES:
        raise WireError(f"a subject key has {SUBJECT_KEY_BYTES} bytes")
    return SubjectKey(value)
