"""What one region's status no longer tells of another's report, by the cases that are known."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.unit.regions.samples import AT, GUANGDONG, GUANGXI, HUBEI, load_profile
from tongxing.core.calendar import BEIJING
from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Report
from tongxing.regions.profile import DAYS_KEPT
from tongxing.regions.rendering import LOSS_WORDS, Loss, render_report
from tongxing.regions.statuses import Colour

SHANDONG = load_profile("37")


def report(standing: Standing, *causes: Cause, level: Level | None = None) -> Report:
    held = tuple(HeldCause(cause, AT - timedelta(days=1)) for cause in causes)
    return Report(HUBEI.region, standing, level, held, 1, AT - timedelta(days=1), None)


def test_an_expired_report_under_shandongs_yellow_says_that_yellow_does_not_tell_it() -> None:
    shown = render_report(report(Standing.EXPIRED), SHANDONG, at=AT)
    assert (shown.standing, shown.colour) == (Standing.EXPIRED, Colour.YELLOW)
    assert Loss.STANDING_NOT_TOLD in shown.losses


def test_a_current_report_under_a_yellow_that_can_also_mean_expired_says_that_too() -> None:
    shown = render_report(report(Standing.CURRENT, Cause.FEVER_MEASURED, level=Level.MEDIUM), HUBEI, at=AT)
    assert shown.colour is Colour.YELLOW
    assert Loss.STANDING_NOT_TOLD in shown.losses


def test_a_review_under_a_grey_that_means_a_mismatch_too_does_not_tell_which() -> None:
    shown = render_report(report(Standing.PENDING), HUBEI, at=AT)
    assert (shown.colour, shown.losses) == (Colour.GREY, (Loss.STANDING_NOT_TOLD,))


def test_a_standing_with_a_status_of_its_own_loses_nothing() -> None:
    shown = render_report(report(Standing.PENDING), GUANGXI, at=AT)
    assert shown.label is not None
    assert shown.losses == ()


def test_the_causes_of_what_is_under_review_are_not_told_by_the_grey_that_shows_it() -> None:
    under_review = report(Standing.PENDING, Cause.CLOSE_CONTACT, level=Level.HIGH)
    assert render_report(under_review, GUANGXI, at=AT).losses == (Loss.CAUSE_NOT_TOLD,)


def test_a_standing_without_any_status_is_shown_as_none() -> None:
    shown = render_report(report(Standing.EXPIRED), GUANGDONG, at=AT)
    assert (shown.label, shown.losses) == (None, (Loss.STANDING_NOT_KNOWN_HERE,))


@pytest.mark.parametrize("loss", Loss)
def test_every_loss_has_a_sentence_in_both_languages(loss: Loss) -> None:
    assert LOSS_WORDS[loss].zh
    assert LOSS_WORDS[loss].en


def test_a_profile_gives_each_day_its_own_statuses_however_many_days_are_asked() -> None:
    days = [datetime.combine(date(2020, 2, 1) + timedelta(days=7 * week), AT.time(), BEIJING) for week in range(150)]
    assert len(days) > 2 * DAYS_KEPT
    asked = [GUANGDONG.weighed_at(at) for at in (*days, *days)]
    fresh = load_profile("44")
    for at, weighed in zip((*days, *days), asked, strict=True):
        in_force = [each for each in fresh.statuses if each.evidence.since <= at.date()]
        in_force = [each for each in in_force if each.evidence.until is None or at.date() < each.evidence.until]
        assert [each.status for each in weighed] == in_force
        assert all(each.worst is each.status.worst_level(at) for each in weighed)


def test_a_grey_that_can_also_mean_a_cause_does_not_tell_that_the_report_is_under_review() -> None:
    grey = next(status for status in GUANGXI.statuses if status.standing is Standing.PENDING)
    contact = replace(grey.meanings[0], told="mqjcz", standing=None, cause=Cause.CLOSE_CONTACT)
    ambiguous = replace(grey, meanings=(*grey.meanings, contact))
    others = [status for status in GUANGXI.statuses if status is not grey]
    shown = render_report(report(Standing.PENDING), replace(GUANGXI, statuses=(*others, ambiguous)), at=AT)
    assert shown.losses == (Loss.STANDING_NOT_TOLD,)
