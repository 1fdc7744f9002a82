"""What one's own report asks of one: nothing only where nothing was found."""

import pytest

from tests.world import AT, HUBEI, World, origin, report_of
from tongxing.core.causes import Cause
from tongxing.core.next_steps import NOTHING
from tongxing.recognition.own_report import own_report_view
from tongxing.recognition.recognising import KnownReport


@pytest.mark.parametrize(
    ("causes", "is_nothing_to_do"),
    [((), True), ((Cause.FEVER_CASE,), False), ((Cause.CLOSE_CONTACT,), False)],
)
def test_who_has_a_cause_is_told_to_see_what_clears_it(causes: tuple[Cause, ...], *, is_nothing_to_do: bool) -> None:
    known = [KnownReport(report_of(*causes), origin())]
    view = own_report_view(known, World().knowledge(HUBEI), others_consulted=True, at=AT)
    assert (view.next_step.zh == NOTHING.citizen.zh) is is_nothing_to_do
    assert view.reason is None
    assert view.causes[0].clears.zh
