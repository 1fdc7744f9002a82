"""From a scan and a report to the situation that rule tables look at: every input, and where it comes from.

What nobody told is unknown, never a guess: a place whose risk is not known has no precision either, and a kind
of proof that nobody asked for is not *none*. A national code of low level says that nothing was found, so its
cause is known without its detail. Spec: design, *The pipeline*, stage 7; domain sheet, *Origin*.
"""

from datetime import datetime
from typing import Final

from tongxing.core.causes import Cause
from tongxing.core.groups import Credential
from tongxing.core.levels import Level, Standing
from tongxing.core.proofs import NOTHING_ASKED, ProofKind, bands_of
from tongxing.core.reports import OriginRisk, Precision, Report
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.stages import Scan, Status
from tongxing.regions.families import NATIONAL
from tongxing.rules.deciding import CompiledRules
from tongxing.rules.situations import Situation
from tongxing.wire.printed_code import is_printed_code

_NO_CAUSES: Final[frozenset[Cause]] = frozenset()
_NO_KINDS: Final[frozenset[ProofKind]] = frozenset()
_NOTHING_FOUND: Final = frozenset({Cause.NOTHING_FOUND})
_LOW, _HIGH = Level.LOW, Level.HIGH
_UNKNOWN, _NO_PRECISION = OriginRisk.UNKNOWN, Precision.NONE
_CURRENT, _CODE = Standing.CURRENT, Credential.CODE
_NATIONAL = NATIONAL.name


def situate(scan: Scan, knowledge: Knowledge, status: Status, report: Report, at: datetime) -> Situation:
    """Return the situation of a person with a *current* report, as combined, at a checkpoint."""
    origin = status.origin
    risk = _UNKNOWN if origin is None else knowledge.risk.risk_of(origin)
    bands = NOTHING_ASKED
    if scan.proofs or status.proofs or scan.asked or status.asked:
        bands = bands_of(scan.proofs + status.proofs, scan.asked | status.asked, at)
    return Situation(
        report.level or _HIGH,
        report.colour_only,
        risk,
        status.others_consulted,
        scan.place_kind,
        scan.fever,
        _CURRENT,
        _causes_of(report),
        _NO_PRECISION if origin is None or risk is _UNKNOWN else origin.precision,
        _CODE if status.family == _NATIONAL else _credential_of(scan),
        scan.groups | status.groups if status.groups else scan.groups,
        bands.test,
        bands.antigen,
        bands.vaccination,
        bands.recovery,
        bands.isolation,
    )


def situate_unusable(scan: Scan, status: Status | None, standing: Standing) -> Situation:
    """Return the situation of a person whose report cannot be used: nothing but its standing is known of it."""
    return Situation(
        level=None,
        colour_only=False,
        origin_risk=OriginRisk.UNKNOWN,
        others_consulted=status is not None and status.others_consulted,
        place_kind=scan.place_kind,
        fever=scan.fever,
        standing=standing,
        origin_precision=Precision.NONE,
        credential=_CODE if status is None or status.family == _NATIONAL else _credential_of(scan),
        groups=scan.groups if status is None else scan.groups | status.groups,
    )


def kinds_looked_at(rules: CompiledRules | None) -> frozenset[ProofKind]:
    """Return the kinds of proof that any row of the host's rules asks for: registers are asked for no others."""
    return _NO_KINDS if rules is None else frozenset([kind for kind in ProofKind if kind.value in rules.inputs_asked])


def place_risk(scan: Scan, knowledge: Knowledge) -> OriginRisk:
    """Return the risk of the place where the checkpoint stands, as exactly as it is told."""
    return knowledge.risk.risk_of_division(scan.division or knowledge.host)


def _causes_of(report: Report) -> frozenset[Cause]:
    if report.colour_only:
        return _NO_CAUSES
    if report.causes:
        return frozenset([held.cause for held in report.causes])
    return _NOTHING_FOUND if report.level is _LOW else _NO_CAUSES


def _credential_of(scan: Scan) -> Credential:
    if not scan.qr_text:
        return Credential.DOCUMENT
    return Credential.PAPER if is_printed_code(scan.qr_text) else Credential.CODE
