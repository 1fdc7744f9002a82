"""The pipeline: each stage refuses with its own reason, nothing refused is green or red, and only a row stops."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.world import AT, GUANGXI, HUBEI, HUBEI_CODE, World, decide, insecure_test_key, origin, report_of
from tongxing.core.causes import Cause, level_of
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import REASONS, ReasonId, Stage
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.verdicts import Measure, Note, Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.crypto.suites import SUITES, SuiteId
from tongxing.rules.book import RuleBook, parse_rule_book
from tongxing.wire.statement import encode_statement, parse_statement

WORLD = World()
KNOWLEDGE = WORLD.knowledge()


@pytest.mark.parametrize("place", list(PlaceKind))
def test_a_national_code_passes_from_the_bundle_alone(place: PlaceKind) -> None:
    """No statement is asked for, nothing more is asked of the person."""
    verdict = decide(KNOWLEDGE, WORLD.national_code(), place=place)
    assert (verdict.outcome, verdict.reason, verdict.measures) == (Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN, ())
    assert [step.stage for step in verdict.trail] == [stage for stage in Stage if stage is not Stage.RECORD]


def test_the_floor_holds_for_a_statement_of_another_region() -> None:
    """A current low report from a low-risk county passes."""
    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=lambda _: WORLD.statement(report_of()))
    assert (verdict.outcome, verdict.measures, verdict.issuer) == (Outcome.PASS, (), HUBEI)
    assert Note.OTHER_REGIONS_NOT_CONSULTED in verdict.notes


def test_a_close_contact_is_stopped_by_the_hosts_row_whatever_the_colour_at_home() -> None:
    """Law 1: the cause is converted. Yellow at home, high nationally, STOP by a named row."""
    report = report_of(Cause.CLOSE_CONTACT)
    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=lambda _: WORLD.statement(report))
    assert (verdict.outcome, verdict.row) == (Outcome.STOP, "00/floor/level_high")


def test_a_level_told_lower_than_its_causes_is_raised_to_them() -> None:
    """An issuer's slip cannot lower what the national table says of a cause."""
    slip = structs.replace(report_of(Cause.CLOSE_CONTACT), level=Level.LOW)
    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=lambda _: WORLD.statement(slip))
    assert verdict.outcome is Outcome.STOP


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (Standing.EXPIRED, ReasonId.REPORT_EXPIRED),
        (Standing.PENDING, ReasonId.REPORT_PENDING),
        (Standing.NO_RECORD, ReasonId.NO_RECORD),
        (Standing.MISMATCH, ReasonId.IDENTITY_MISMATCH),
        (Standing.SOURCE_AWAY, ReasonId.SOURCE_AWAY),
    ],
)
def test_what_is_not_current_is_referred_with_its_own_reason(standing: Standing, reason: ReasonId) -> None:
    """Law 2: a standing is never folded into a level."""
    report = structs.replace(report_of(), standing=standing, level=None, causes=())
    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=lambda _: WORLD.statement(report))
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, reason)


def test_a_report_past_its_validity_is_expired_though_it_calls_itself_current() -> None:
    """Hubei's green lasts three days."""
    report = structs.replace(report_of(), valid_until=AT)
    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=lambda _: WORLD.statement(report))
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.REPORT_EXPIRED)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ReasonId.EMPTY_SCAN),
        (" \n", ReasonId.EMPTY_SCAN),
        ("x" * 5_000, ReasonId.SCAN_TOO_LONG),
        ("绿码 green", ReasonId.NOT_A_CODE),
        ("https://example.invalid/green", ReasonId.WEB_ADDRESS),
        ("99862" + "1" * 400, ReasonId.UNSUPPORTED_VERSION),
        ("99861" + "1" * 400, ReasonId.MALFORMED_CODE),
        ("9986", ReasonId.MALFORMED_CODE),
        ("HBJKM." + "A" * 42, ReasonId.MALFORMED_CODE),
    ],
)
def test_what_is_no_code_is_told_for_what_it_is(text: str, reason: ReasonId) -> None:
    """Random text, a web address, another version and a damaged code are different answers."""
    verdict = decide(KNOWLEDGE, text)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, reason)


def test_missing_expired_and_forged_are_three_different_answers() -> None:
    """Law 10."""
    forged = WORLD.national_code(key=insecure_test_key("thief"))
    wrong = decide(KNOWLEDGE, forged)
    assert wrong.reason is ReasonId.UNKNOWN_KEY
    expired = decide(KNOWLEDGE, WORLD.national_code(at=AT - timedelta(minutes=2)))
    assert expired.reason is ReasonId.CODE_EXPIRED
    unknown = decide(KNOWLEDGE, WORLD.national_code(issuer=RegionId("66"), key=WORLD.code_key()))
    assert unknown.reason is ReasonId.UNKNOWN_ISSUER
    assert {verdict.outcome for verdict in (wrong, expired, unknown)} == {Outcome.REFER}


@pytest.mark.parametrize(
    ("seconds", "life", "reason"),
    [
        (-60, 60, ReasonId.CODE_EXPIRED),
        (31, 60, ReasonId.CODE_NOT_YET_VALID),
        (0, 121, ReasonId.CODE_LIFE_TOO_LONG),
    ],
)
def test_a_code_of_another_moment_is_refused(seconds: int, life: int, reason: ReasonId) -> None:
    """Expired at its very second; issued in the future beyond what clocks may differ; living too long."""
    text = WORLD.national_code(at=AT + timedelta(seconds=seconds), life_seconds=life)
    verdict = decide(KNOWLEDGE, text)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, reason)


def test_a_verifier_without_the_days_key_refers() -> None:
    """What cannot be read is not green."""
    blind = replace(KNOWLEDGE, verifier_keys={})
    assert decide(blind, WORLD.national_code()).reason is ReasonId.VERIFIER_KEY_MISSING


def test_a_suspended_issuer_is_named_as_such_for_both_kinds_of_code() -> None:
    """Neither a signature nor an answer of a suspended region counts."""
    knowledge = World(suspended=frozenset({HUBEI})).knowledge()
    assert decide(knowledge, WORLD.national_code()).reason is ReasonId.ISSUER_SUSPENDED
    assert decide(knowledge, HUBEI_CODE).reason is ReasonId.ISSUER_SUSPENDED


def test_a_bundle_past_its_life_decides_nothing() -> None:
    """The age is told until then; afterwards the data are too old."""
    late = AT + timedelta(days=7)
    verdict = decide(KNOWLEDGE, WORLD.national_code(at=late), at=late)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.BUNDLE_TOO_OLD)


def test_a_bundle_from_the_future_decides_nothing() -> None:
    """A verifier whose clock has stopped would otherwise never see its bundle grow old."""
    early = AT - timedelta(hours=2)
    verdict = decide(KNOWLEDGE, WORLD.national_code(at=early), at=early)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.BUNDLE_FROM_THE_FUTURE)


def test_where_no_table_is_in_force_nothing_is_decided() -> None:
    """No default admits or condemns."""
    verdict = decide(replace(KNOWLEDGE, rules=RuleBook({}), _compiled={}), WORLD.national_code())
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.NO_RULE_IN_FORCE)


def test_a_host_without_a_table_of_its_own_decides_by_the_national_one() -> None:
    national = parse_rule_book({"national.toml": WORLD.rules["national.toml"]})
    verdict = decide(replace(KNOWLEDGE, rules=national, _compiled={}), WORLD.national_code())
    assert (verdict.outcome, verdict.row) == (Outcome.PASS, "00/floor/low_level_low_origin")


@pytest.mark.parametrize(
    ("changes", "reason", "alarm"),
    [
        ({"key": insecure_test_key("thief")}, ReasonId.STATEMENT_KEY_UNKNOWN, False),
        ({"audience": RegionId("11")}, ReasonId.STATEMENT_FOR_ANOTHER_QUERY, True),
        ({"query_id": bytes(16)}, ReasonId.STATEMENT_FOR_ANOTHER_QUERY, True),
        (
            {"issued_at": AT - timedelta(minutes=5), "expires_at": AT - timedelta(minutes=4)},
            ReasonId.STATEMENT_OUT_OF_TIME,
            False,
        ),
        (
            {"issued_at": AT + timedelta(minutes=5), "expires_at": AT + timedelta(minutes=6)},
            ReasonId.STATEMENT_OUT_OF_TIME,
            False,
        ),
        ({"issuer": GUANGXI}, ReasonId.STATEMENT_FORGED, True),
    ],
)
def test_a_statement_that_is_not_this_issuers_for_this_query_now_is_told_for_what_it_is(
    changes: dict[str, object], reason: ReasonId, alarm: bool
) -> None:
    """An unknown key and a wrong clock are no forgery; another's query and another's name are alarmed."""
    statement = WORLD.statement(report_of(), **changes)  # type: ignore[arg-type]
    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=lambda _: statement)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, reason)
    assert REASONS[verdict.reason].alarm is alarm


def test_a_statement_that_claims_another_algorithm_than_its_keys_is_forged() -> None:
    """The signature holds; the algorithm that it is said to be made with is not the key's."""
    key = WORLD.statement_key()
    claimed = SUITES[SuiteId.ES256].cose_alg
    signed = parse_statement(WORLD.statement(report_of())).statement_after(key.public.verify)
    statement = encode_statement(signed, alg=claimed, kid=key.public.kid, sign=key.sign)
    parse_statement(statement).statement_after(key.public.verify)
    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=lambda _: statement)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.STATEMENT_FORGED)


def test_a_statement_by_a_key_for_national_codes_is_not_believed() -> None:
    """A key serves one use: whoever holds a region's key for codes cannot speak for its back end."""
    statement = WORLD.statement(report_of(), key=WORLD.code_key())
    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=lambda _: statement)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.STATEMENT_KEY_UNKNOWN)


def test_a_statement_about_another_issuers_report_is_forged() -> None:
    """A region speaks for itself (law 4)."""
    statement = WORLD.statement(report_of(issuer=GUANGXI))
    assert decide(KNOWLEDGE, HUBEI_CODE, answer=lambda _: statement).reason is ReasonId.STATEMENT_FORGED


@pytest.mark.parametrize(
    "why",
    [
        Undecidable(ReasonId.GATEWAY_AWAY),
        Undecidable(ReasonId.SOURCE_SLOW),
        Undecidable(ReasonId.SOURCE_UNREADABLE),
        Rejected(ReasonId.TICKET_USED),
        Undecidable(ReasonId.OTHER_PERSONS_RECORD),
    ],
)
def test_why_there_is_no_statement_is_the_verdicts_reason(why: Rejected | Undecidable) -> None:
    """Down, slow, unreadable, used and another's record are told apart."""
    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=lambda _: why)
    assert (verdict.outcome, verdict.reason, verdict.trail[-1].stage) == (Outcome.REFER, why.reason, Stage.STATUS)


@pytest.mark.parametrize(
    ("where", "outcome", "reason"),
    [
        (origin("420107"), Outcome.PASS_WITH_MEASURES, ReasonId.ORIGIN_MEDIUM),
        (origin("420102"), Outcome.PASS_WITH_MEASURES, ReasonId.ORIGIN_HIGH),
        (Origin("42", Precision.PROVINCE, OriginBasis.ISSUER_REGION), Outcome.REFER, ReasonId.ORIGIN_MIXED),
        (Origin("45", Precision.PROVINCE, OriginBasis.ISSUER_REGION), Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN),
        (Origin(None, Precision.NONE, OriginBasis.ISSUER_REGION), Outcome.REFER, ReasonId.ORIGIN_UNKNOWN),
    ],
)
def test_where_a_green_person_comes_from_is_weighed_by_the_hosts_row(
    where: Origin, outcome: Outcome, reason: ReasonId
) -> None:
    """Medium and high ask for measures; a mixed province or an unknown origin is referred."""
    verdict = decide(KNOWLEDGE, WORLD.national_code(where=where))
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert (Measure.REPORT_TO_COMMUNITY in verdict.measures) is (reason is ReasonId.ORIGIN_MEDIUM)


def test_a_code_that_is_not_green_is_explained_by_its_issuer_where_it_can_be_reached() -> None:
    """The extension token is exchanged for causes; the outcome rests on the sealed part alone."""
    asked: list[bytes | None] = []
    text = WORLD.national_code(Level.HIGH)

    def answer(needed: object) -> bytes:
        asked.append(needed.extension_token)  # type: ignore[attr-defined]
        return WORLD.statement(report_of(Cause.CLOSE_CONTACT))

    told = decide(KNOWLEDGE, text, answer=answer)
    alone = decide(KNOWLEDGE, text, answer=lambda _: Undecidable(ReasonId.GATEWAY_AWAY))
    assert asked[0] is not None
    assert told.report is not None
    assert told.report.has_cause(Cause.CLOSE_CONTACT)
    assert (told.outcome, told.row) == (alone.outcome, alone.row) == (Outcome.STOP, "00/floor/level_high")


reports = st.builds(
    lambda causes, standing, expired: structs.replace(
        report_of(*causes),
        standing=standing,
        level=level_of(causes, AT) if standing is Standing.CURRENT else None,
        valid_until=AT if expired else None,
    ),
    st.sets(st.sampled_from(list(Cause)), min_size=1),
    st.sampled_from(list(Standing)),
    st.booleans(),
)


@settings(max_examples=200)
@given(report=reports, place=st.sampled_from(list(PlaceKind)))
def test_stop_and_pass_come_only_from_a_current_report_through_a_row(report: Report, place: PlaceKind) -> None:
    """Law 2, over every report: whatever is not current is REFER without a row."""
    verdict = decide(KNOWLEDGE, HUBEI_CODE, place=place, answer=lambda _: WORLD.statement(report))
    current = report.standing_at(AT) is Standing.CURRENT
    assert (verdict.row is not None) is current
    if not current:
        assert verdict.outcome is Outcome.REFER


@settings(max_examples=300)
@given(text=st.text(max_size=300))
def test_no_text_is_ever_green_or_red(text: str) -> None:
    """Whatever is scanned, without a signature or an answer it is REFER."""
    verdict = decide(KNOWLEDGE, text, answer=lambda _: Undecidable(ReasonId.GATEWAY_AWAY))
    assert verdict.outcome is Outcome.REFER


@settings(max_examples=300)
@given(position=st.integers(min_value=0), step=st.integers(min_value=1, max_value=9))
def test_a_changed_digit_is_never_accepted(position: int, step: int) -> None:
    """Law 10: any one digit of a national code changed, and it is refused at the stage that it broke."""
    text = WORLD.national_code()
    position %= len(text)
    changed = text[:position] + str((int(text[position]) + step) % 10) + text[position + 1 :]
    verdict = decide(KNOWLEDGE, changed, answer=lambda _: Undecidable(ReasonId.GATEWAY_AWAY))
    assert verdict.outcome is Outcome.REFER
    assert REASONS[verdict.reason].stage <= Stage.AUTHENTICATE
