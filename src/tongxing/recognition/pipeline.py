"""The pipeline: all stages of deciding, in order, on one screen.

(1) read → (2) authenticate → (3) time → (4) status → (5) translate → (6) combine → (7) decide.
(8), recording the passage, is the service's, because it writes. The pipeline is a generator: what
needs a wire is yielded (the issuer's statement, others' reports) and handed back as a value, so that the same code,
bundle and clock give the same verdict in the library, the API, the CLI and offline (law 3).

Whatever is refused or cannot be decided ends as ``REFER`` with its own reason (law 2); nothing else
is caught, and no default admits or condemns.
"""

from collections.abc import Generator
from datetime import datetime

from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.verdicts import Verdict
from tongxing.recognition.combining import combine_reports
from tongxing.recognition.concluding import conclude_decision, conclude_refusal, conclude_unchecked
from tongxing.recognition.consulting import consult_others
from tongxing.recognition.foreign_evidence import weigh_foreign_codes
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.situating import kinds_looked_at, place_risk
from tongxing.recognition.stages import (
    Fetched,
    Needed,
    PresentedCode,
    Scan,
    Status,
    authenticate_code,
    check_time,
    obtain_status,
    read_code,
    translate_status,
)


def decide_passage(scan: Scan, knowledge: Knowledge, *, at: datetime) -> Generator[Needed, Fetched, Verdict]:
    """Decide whether the person behind ``scan`` may pass at the host's checkpoint, at a moment.

    Yields at most one ``StatementNeeded``, then at most one ``OthersNeeded``. The driver sends the value
    of the same name, or throws the ``Rejected`` or ``Undecidable`` that says why there is none. Never
    raises either of them itself.
    """
    if scan.foreign_texts:
        scan = weigh_foreign_codes(scan, knowledge.foreign, at)  # Facts from outside are proofs, and never more.
    rules = knowledge.find_rules(at, scan.site)
    if rules is not None and rules.skips_codes and at < knowledge.expires_at:
        unchecked = rules.decide_unchecked(scan.place_kind, scan.fever, place_risk(scan, knowledge))
        if unchecked is not None:
            return conclude_unchecked(scan, knowledge, unchecked, at)
    presented: PresentedCode | None = None
    status: Status | None = None
    try:
        presented = read_code(scan, knowledge)  # (1) Which kind of code is this?
        presented = signed = authenticate_code(presented, knowledge, at)  # (2) Who made it, and is that so?
        check_time(signed, knowledge, at)  # (3) Is it the moment's, and are our data young enough?
        status = yield from obtain_status(signed, knowledge, at)  # (4) What does its issuer say?
        status = translate_status(status, at)  # (5) Which level and standing is that, by its causes?
        if status.consultation is not None:
            asked = kinds_looked_at(rules)
            status = yield from consult_others(status, knowledge, at, asked)  # (6) What do others say,
        report = combine_reports(status.report, status.others, at=at)  # and what do all say together?
        return conclude_decision(scan, knowledge, rules, status, report, at)  # (7) What does the host's table say?
    except (Rejected, Undecidable) as refusal:
        return conclude_refusal(scan, knowledge, presented, status, refusal, at)
