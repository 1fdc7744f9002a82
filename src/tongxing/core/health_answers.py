"""What a person declares of their own health, and the one thing that follows from it for the assessor.

The answers are those of the questionnaire that the national platform's regions used in 2020 (facts, B). What is kept
is what follows, never the answers: a temperature or a symptom says nothing more once it is weighed (law 8).

- ``CONTACT``: the person says that they met a case. It counts as a contact until the observation is over.
- ``CONCERN``: a fever, a symptom, a stay in a risk area that no trip names, or a contact that is not certain.
  Nobody has assessed that yet, so it is neither green nor red: the standing is *pending* (law 2).
- ``CLEAR``: none of these. It clears an earlier concern, and by itself says nothing about where the person was.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from tongxing.core.checkpoints import Fever, Temperature, fever_of


class Symptom(StrEnum):
    """A symptom that a person can declare, by the questionnaire's seven answers less *none*."""

    COLD_LIKE = "cold_like"
    SHORT_OF_BREATH = "short_of_breath"
    NAUSEA_OR_DIARRHOEA = "nausea_or_diarrhoea"
    PALPITATION_OR_CHEST = "palpitation_or_chest"
    CONJUNCTIVITIS = "conjunctivitis"
    OTHER = "other"


class ContactAnswer(StrEnum):
    """Whether the person met somebody who has the disease."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class HealthAnswers:
    """One questionnaire, answered. ``temperature`` is None where none was taken: nobody need own a thermometer."""

    symptoms: AbstractSet[Symptom]
    contact: ContactAnswer
    been_in_risk_area: bool
    temperature: Temperature | None = None


class DeclaredHealth(StrEnum):
    """What follows from a questionnaire."""

    CLEAR = "clear"
    CONCERN = "concern"
    CONTACT = "contact"


def weigh_answers(answers: HealthAnswers) -> DeclaredHealth:
    """Return what follows from a questionnaire: the worst that any answer says."""
    if answers.contact is ContactAnswer.YES:
        return DeclaredHealth.CONTACT
    taken = answers.temperature
    fever = Fever.NOT_MEASURED if taken is None else fever_of(taken.decicelsius, confirmed=taken.confirmed)
    is_open = answers.contact is ContactAnswer.UNSURE or answers.been_in_risk_area or bool(answers.symptoms)
    return DeclaredHealth.CONCERN if is_open or fever is Fever.FEVER else DeclaredHealth.CLEAR
