"""What follows from a declaration of one's own health: the worst of its answers, and no more is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.checkpoints import Temperature
from tongxing.core.health_answers import ContactAnswer, DeclaredHealth, HealthAnswers, Symptom, weigh_answers

WELL = HealthAnswers(
    frozenset(), ContactAnswer.NO, been_in_risk_area=False, temperature=Temperature(372, confirmed=True)
)
RANK = [DeclaredHealth.CLEAR, DeclaredHealth.CONCERN, DeclaredHealth.CONTACT]

answers = st.builds(
    HealthAnswers,
    st.frozensets(st.sampled_from(Symptom)),
    st.sampled_from(ContactAnswer),
    st.booleans(),
    st.none() | st.builds(Temperature, st.integers(300, 450), st.booleans()),
)


def test_whoever_has_nothing_to_declare_is_clear() -> None:
    assert weigh_answers(WELL) is DeclaredHealth.CLEAR


@pytest.mark.parametrize(
    ("symptoms", "contact", "been", "decicelsius", "expected"),
    [
        ({Symptom.COLD_LIKE}, ContactAnswer.NO, False, None, DeclaredHealth.CONCERN),
        (set(), ContactAnswer.UNSURE, False, None, DeclaredHealth.CONCERN),
        (set(), ContactAnswer.NO, True, None, DeclaredHealth.CONCERN),
        (set(), ContactAnswer.NO, False, 373, DeclaredHealth.CONCERN),
        (set(), ContactAnswer.NO, False, 372, DeclaredHealth.CLEAR),
        (set(), ContactAnswer.YES, False, None, DeclaredHealth.CONTACT),
    ],
)
def test_each_answer_says_what_it_says(
    symptoms: set[Symptom], contact: ContactAnswer, been: bool, decicelsius: int | None, expected: DeclaredHealth
) -> None:
    taken = None if decicelsius is None else Temperature(decicelsius, confirmed=True)
    assert weigh_answers(HealthAnswers(symptoms, contact, been, taken)) is expected


@given(answers, st.sampled_from(Symptom))
def test_another_symptom_never_makes_it_better(told: HealthAnswers, symptom: Symptom) -> None:
    more = HealthAnswers(told.symptoms | {symptom}, told.contact, told.been_in_risk_area, told.temperature)
    assert RANK.index(weigh_answers(more)) >= RANK.index(weigh_answers(told))
