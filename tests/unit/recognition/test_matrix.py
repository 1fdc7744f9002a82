"""The matrix: each outcome is the pipeline's own, each pair and status is in it, each refusal has its reason."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.regions.samples import EVERY_PACKAGED
from tests.world import QUERY_ID, insecure_test_key
from tongxing.app.packaged import RULES, load_files
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused
from tongxing.core.levels import Level, Standing
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.reports import Origin, OriginBasis, OriginRisk, Precision, Report
from tongxing.core.verdicts import Outcome, Verdict
from tongxing.core.words import FEDERATION, PlaceKind, RegionId, Sentence
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.sealing import SymmetricKey
from tongxing.recognition.by_document import decide_by_document, decide_unasked
from tongxing.recognition.converting import derive_report
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.matrix import Matrix, MatrixRow, encode_matrix, find_party, make_matrix
from tongxing.recognition.pipeline import decide_passage
from tongxing.recognition.recognising import KnownReport
from tongxing.recognition.stages import OthersFetched, OthersNeeded, Scan, StatementFetched
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.families import FAMILIES
from tongxing.regions.profile import Profile
from tongxing.regions.rendering import LOSS_WORDS, Loss, render_report
from tongxing.regions.translation import translate
from tongxing.risk.risk_map import RiskMap
from tongxing.rules.book import parse_rule_book
from tongxing.trust.directory import Directory, DirectoryRecord, KeyRecord, KeyUse
from tongxing.wire.consultation import CONSULTATION_MIN_BYTES, ConsultationAnswer, encode_consultation_answer
from tongxing.wire.national_code import SEALED_BYTES, NationalCodeClaims, encode_national_code
from tongxing.wire.sealed_part import SealedContent, seal_content
from tongxing.wire.statement import Statement, encode_statement

SHOWN_DAYS = (date(2020, 3, 21), date(2021, 3, 23), date(2022, 7, 1))
BEFORE_ANY_RULE = date(2020, 2, 20)
BOOK = parse_rule_book(load_files(RULES))
PROFILES: Mapping[RegionId, Profile] = {profile.region: profile for profile in EVERY_PACKAGED}
VERIFIER_KEY = SymmetricKey(bytes(32))
START = datetime(2020, 1, 1, tzinfo=UTC)
SEALED = bytes(CONSULTATION_MIN_BYTES)
STATEMENTS, CODES = (
    {region: insecure_test_key(f"{use} {region}") for region in (*PROFILES, FEDERATION)}
    for use in (KeyUse.STATEMENT, KeyUse.NATIONAL_CODE)
)
DIRECTORY = Directory(
    {
        region: DirectoryRecord(
            region,
            Sentence(region, region),
            "http://127.0.0.1:9",
            (
                KeyRecord(KeyUse.STATEMENT, STATEMENTS[region].public, START),
                KeyRecord(KeyUse.NATIONAL_CODE, CODES[region].public, START),
            ),
            bytes(32),
        )
        for region in (*PROFILES, FEDERATION)
    }
)


@cache
def matrix_of(on: date) -> Matrix:
    return make_matrix(EVERY_PACKAGED, BOOK, on)


@cache
def rows_of(on: date) -> tuple[MatrixRow, ...]:
    return tuple(matrix_of(on).rows())


def noon(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 4, tzinfo=UTC)


@cache
def knowledge_of(host: RegionId, on: date, place_risk: OriginRisk) -> Knowledge:
    """Return what a host knows whose own place has a risk; every other county is at low risk."""
    at = noon(on)
    counties = {county_of(region): OriginRisk.LOW for region in PROFILES}
    risk = RiskMap(at, {**counties, host: place_risk})
    days = timedelta(days=1)
    return Knowledge(host, 1, at, at + days, DIRECTORY, PROFILES, risk, BOOK, {at.date(): VERIFIER_KEY})


def county_of(region: RegionId) -> str:
    return f"{region}0101"[:6]


def qr_text_of(profile: Profile) -> str:
    assert profile.qr is not None
    tail = '","lastReportTime":"2020-03-20 08:00:00"}' if profile.family == "unsigned_json" else ""
    text = profile.qr.prefix + "0" * profile.qr.length + tail
    assert FAMILIES[profile.family].recognises(text, profile)
    return text


def report_of(row: MatrixRow, at: datetime) -> Report:
    """Return what the issuer's gateway makes of its back end's answer, as at a scan."""
    told = () if row.shown.told is None else (row.shown.told,)
    answer = SourceAnswer(row.shown.status, told, refreshed_at=at)
    return translate(answer, PROFILES[row.issuer.region], at=at, revision=1).report


def signing(key: SigningKey) -> dict[str, Any]:
    return {"alg": key.public.cose_alg, "kid": key.public.kid, "sign": key.sign}


def national_code_of(report: Report, origin: Origin, at: datetime) -> str:
    issued = int(at.timestamp())
    claims = NationalCodeClaims(report.issuer, QUERY_ID, issued, issued + 60, QUERY_ID, bytes(SEALED_BYTES))
    assert report.level is not None
    content = SealedContent(report.level, report.colour_only, origin, "王**", others_consulted=True)
    sealed = seal_content(claims, content, VERIFIER_KEY.seal)
    return encode_national_code(sealed, **signing(CODES[report.issuer]))


def scanned(row: MatrixRow, kind: PlaceKind, on: date, place_risk: OriginRisk = OriginRisk.MEDIUM) -> Verdict:
    """Decide by the real pipeline: the issuer's own code, or a national code where it has none of its own.

    Where the report is not current no national code can be made: then the person says who they are.
    """
    at, host = noon(on), row.host.region
    knowledge, report = knowledge_of(host, on, place_risk), report_of(row, at)
    origin = Origin(county_of(row.issuer.region), Precision.EXACT, OriginBasis.DECLARED_STAY)
    if row.issuer.has_own_code:
        text = qr_text_of(PROFILES[row.issuer.region])
    elif report.standing is Standing.CURRENT:
        text = national_code_of(report, origin, at)
    else:
        known, scan = [KnownReport(report, origin)], Scan("", kind, host)
        unasked = decide_unasked(scan, knowledge, at=at)
        if unasked is not None:
            return unasked
        return decide_by_document(scan, knowledge, known, others_consulted=True, subject_handle=None, at=at)
    ends = at + timedelta(seconds=30)
    statement = Statement(report.issuer, host, QUERY_ID, at, ends, report, origin, None, "handle", SEALED)
    deciding = decide_passage(Scan(text, kind, host), knowledge, at=at)
    try:
        needed = next(deciding)
        while True:
            if isinstance(needed, OthersNeeded):
                answer = ConsultationAnswer(host, needed.query_id, at, ())
                needed = deciding.send(
                    OthersFetched(encode_consultation_answer(answer, **signing(STATEMENTS[FEDERATION])))
                )
            else:
                told = encode_statement(statement, **signing(STATEMENTS[report.issuer]))
                needed = deciding.send(StatementFetched(told, QUERY_ID))
    except StopIteration as decided:
        verdict: Verdict = decided.value
        return verdict


def one_row_a_reception(on: date) -> Iterator[MatrixRow]:
    """Yield for each host and telling one row, the issuers in turn."""
    by_reception: dict[object, list[MatrixRow]] = {}
    for row in rows_of(on):
        by_reception.setdefault((row.host.region, row.shown.telling), []).append(row)
    for turn, rows in enumerate(by_reception.values()):
        yield rows[turn % len(rows)]


def assert_as_scanned(row: MatrixRow, on: date) -> None:
    for kind, answer in row.reception.answers.items():
        verdict = scanned(row, kind, on)
        told = (verdict.outcome, verdict.reason, verdict.measures, verdict.row)
        assert (answer.outcome, answer.reason, answer.measures, answer.row) == told, (row, kind)


@pytest.mark.parametrize("on", [BEFORE_ANY_RULE, *SHOWN_DAYS])
def test_each_outcome_at_each_host_is_what_the_pipeline_decides(on: date) -> None:
    """Outcome, reason, measures and row, for everything that a host can be told, at every kind of place."""
    count = 0
    for row in one_row_a_reception(on):
        assert_as_scanned(row, on)
        count += 1
    assert count > 500


@given(st.dates(date(2020, 2, 1), date(2022, 12, 31)), st.lists(st.integers(0, 1_000_000), min_size=4, max_size=4))
@settings(max_examples=20, deadline=None)
def test_any_pair_on_any_day_is_decided_as_the_matrix_says(on: date, picks: list[int]) -> None:
    rows = list(make_matrix(EVERY_PACKAGED, BOOK, on).rows())
    for pick in picks:
        assert_as_scanned(rows[pick % len(rows)], on)


@pytest.mark.parametrize("on", SHOWN_DAYS)
def test_where_a_low_risk_host_reads_no_code_the_matrix_says_so(on: date) -> None:
    shown = {row.host.region: row for row in rows_of(on)}
    for host in PROFILES:
        for kind in PlaceKind:
            verdict = scanned(shown[host], kind, on, OriginRisk.LOW)
            row = verdict.row if verdict.reason is ReasonId.NOT_CHECKED_HERE else None
            assert matrix_of(on).unread.get((host, kind)) == row


@pytest.mark.parametrize("on", SHOWN_DAYS)
def test_every_ordered_pair_shows_every_status_that_the_issuer_had_and_every_word_of_it(on: date) -> None:
    pairs: dict[tuple[RegionId, RegionId], set[tuple[str, str | None]]] = {}
    for row in rows_of(on):
        pairs.setdefault((row.issuer.region, row.host.region), set()).add((row.shown.status, row.shown.told))
    assert len(pairs) == matrix_of(on).pairs == len(PROFILES) * (len(PROFILES) - 1)
    provinces = {region for region in PROFILES if len(region) == 2}
    assert sum({issuer, host} <= provinces for issuer, host in pairs) == 992
    for (issuer, host), told in pairs.items():
        assert issuer != host
        statuses = PROFILES[issuer].statuses_at(noon(on))
        assert {status for status, _ in told} == {status.value for status in statuses}
        words = {(s.value, m.told) for s in statuses for m in s.meanings if m.told not in (None, s.value)}
        assert {pair for pair in told if pair[1] is not None} == words


@pytest.mark.parametrize("on", SHOWN_DAYS)
def test_what_a_host_shows_is_its_rendering_of_the_report_also_as_a_conversion(on: date) -> None:
    at = noon(on)
    for row in one_row_a_reception(on):
        host, report = PROFILES[row.host.region], report_of(row, at)
        assert row.reception.rendered == render_report(report, host, at=at)
        converted = derive_report(report, host.region, at + timedelta(minutes=1))
        assert row.reception.rendered == render_report(converted, host, at=at)


@pytest.mark.parametrize("on", [BEFORE_ANY_RULE, *SHOWN_DAYS])
def test_every_refusal_and_every_loss_has_its_words_in_both_languages(on: date) -> None:
    for row in rows_of(on):
        for loss in row.reception.rendered.losses:
            assert all((LOSS_WORDS[loss].zh, LOSS_WORDS[loss].en))
        assert row.reception.rendered.label is not None or row.reception.rendered.losses
        for answer in row.reception.answers.values():
            words = REASONS[answer.reason].citizen
            assert all((words.zh, words.en))
            if answer.outcome in (Outcome.REFER, Outcome.STOP):
                assert answer.reason not in (ReasonId.LOW_LEVEL, ReasonId.LOW_LEVEL_LOW_ORIGIN)


def find_row(on: date, issuer: str, host: str, status: str, told: str | None = None) -> MatrixRow:
    rows = matrix_of(on).rows(issuer=RegionId(issuer), host=RegionId(host))
    return next(row for row in rows if (row.shown.status, row.shown.told) == (status, told))


def test_hubeis_yellow_contact_is_red_in_guangdong_orange_in_jilin_and_stopped_at_both() -> None:
    on = SHOWN_DAYS[0]
    for host, value, losses in (("44", "red", (Loss.CAUSE_NOT_TOLD,)), ("22", "orange", ())):
        row = find_row(on, "42", host, "yellow", "mqjcz")
        assert (row.shown.telling.level, row.shown.telling.cause) == (Level.HIGH, Cause.CLOSE_CONTACT)
        assert (row.reception.rendered.value, row.reception.rendered.losses) == (value, losses)
        assert {answer.outcome for answer in row.reception.answers.values()} == {Outcome.STOP}


def test_a_region_without_a_table_of_its_own_answers_by_the_national_one() -> None:
    on = SHOWN_DAYS[0]
    assert find_party(matrix_of(on), "31").tables == ("00/floor",)
    assert find_party(matrix_of(on), "4201").tables == ("42/hubei", "00/floor")
    rows = {answer.row for row in matrix_of(on).rows(host=RegionId("31")) for answer in row.reception.answers.values()}
    assert rows == {"00/floor/low_level_low_origin", "00/floor/level_medium", "00/floor/level_high", None}
    green = find_row(on, "31", "11", "green").reception.answers[PlaceKind.FACTORY]
    assert (green.row, green.by_exception) == ("11/beijing/conditional_recognition", True)


def test_before_any_rule_everything_is_referred_and_a_region_without_a_code_yet_shows_nothing() -> None:
    rows = rows_of(BEFORE_ANY_RULE)
    answers = {answer for row in rows for answer in row.reception.answers.values()}
    assert {answer.outcome for answer in answers} == {Outcome.REFER}
    assert ReasonId.NO_RULE_IN_FORCE in {answer.reason for answer in answers}
    assert matrix_of(BEFORE_ANY_RULE).unread == {}
    too_early = make_matrix(EVERY_PACKAGED, BOOK, date(2019, 12, 31))
    assert list(too_early.rows()) == []
    assert {party.code_name for party in too_early.parties} == {None}


def test_every_case_is_encoded_whole_and_with_the_same_keys() -> None:
    on = SHOWN_DAYS[2]
    encoded = list(encode_matrix(matrix_of(on), rows_of(on)))
    assert len(encoded) == len(rows_of(on))
    assert len({tuple(each) for each in encoded}) == 1
    for row, each in zip(rows_of(on), encoded, strict=True):
        rendered = row.reception.rendered
        assert (each["status"], each["told"], each["cause"]) == (
            row.shown.status,
            row.shown.told,
            row.shown.telling.cause,
        )
        assert (each["shown_as"], each["losses"]) == (rendered.value, " ".join(rendered.losses))
        for kind, answer in row.reception.answers.items():
            assert (each[f"{kind}_outcome"], each[f"{kind}_reason"]) == (answer.outcome, answer.reason)
            assert (each[f"{kind}_measures"], each[f"{kind}_row"]) == (" ".join(answer.measures), answer.row)
    low = next(each for each in encoded if (each["issuer"], each["host"], each["level"]) == ("42", "11", Level.LOW))
    assert (low["public_institution_outcome"], low["public_institution_reason"]) == ("REFER", "proof_asked")
    assert low["public_institution_unread_at_low_risk_by"] == "00/floor/low_risk_places"
    assert low["traffic_gate_unread_at_low_risk_by"] is None


@pytest.mark.parametrize("on", [date.min, date(1999, 12, 31), date(2100, 1, 1), date.max])
def test_a_day_beyond_the_calendar_is_refused(on: date) -> None:
    with pytest.raises(Refused) as why:
        make_matrix(EVERY_PACKAGED, BOOK, on)
    assert why.value.problem is ProblemId.BAD_REQUEST


def test_a_region_that_does_not_ship_is_refused_by_its_number() -> None:
    with pytest.raises(Refused, match="'99'") as why:
        find_party(matrix_of(SHOWN_DAYS[0]), "99")
    assert why.value.problem is ProblemId.NOT_FOUND
