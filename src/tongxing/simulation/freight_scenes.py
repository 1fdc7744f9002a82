"""The scenes of goods in April 2022: drivers on transit passes, at a time of their own after all others.

The bundle and the callers' keys are renewed for that time (``era``); the rows are those of the national table then.
"""

from datetime import datetime
from typing import Final

from tongxing.core.calendar import BEIJING
from tongxing.core.proofs import ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind, Sentence
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import ANHUI, HUBEI, Expected, Scene, ShownProof, Step, step_of
from tongxing.simulation.shown import TransitPass
from tongxing.simulation.way_scenes import ALL_SCENES

ERA: Final = "-2022-04"
_GATE: Final = PlaceKind.TRAFFIC_GATE
_ROUTE: Final = ("42", "43", "450100")


def _lorry(plate: str = "鄂A12345", *, withdrawn: bool = False) -> TransitPass:
    """Return the pass of a driver from a medium-risk county, on the way from Hubei to Nanning."""
    return TransitPass(Circumstance.GREEN_MEDIUM_RISK_COUNTY, HUBEI, plate, _ROUTE, withdrawn)


def _refer(reason: ReasonId, *, explained: bool = False) -> Expected:
    return Expected(Outcome.REFER, reason, explained)


def _scene(number: int, zh: str, en: str, hour: int, *steps: Step) -> Scene:
    return Scene(number, Sentence(zh, en), datetime(2022, 4, 20, hour, tzinfo=BEIJING), steps, ERA)


FREIGHT_SCENES: Final[tuple[Scene, ...]] = (
    _scene(
        18, "货车司机：核酸与抗原（2022年4月）", "drivers of goods: tests (April 2022)", 10,
        step_of(
            "货运通行证，40小时前的核酸阴性", "transit pass, a negative test 40 hours old",
            _lorry(), _GATE, Expected(Outcome.PASS, ReasonId.PROOF_SHOWN), proofs=(ShownProof(ProofKind.TEST, 40),),
        ),
        step_of(
            "货运通行证，核酸已过48小时，抗原阴性", "transit pass, an expired test and a negative antigen test",
            _lorry(), _GATE, Expected(Outcome.PASS_WITH_MEASURES, ReasonId.GROUP_RULE),
            proofs=(ShownProof(ProofKind.TEST, 60), ShownProof(ProofKind.ANTIGEN, 1)),
        ),
        step_of(
            "货运通行证，未出示检测结果", "transit pass, no test shown",
            _lorry(), _GATE, _refer(ReasonId.PROOF_ASKED, explained=True),
        ),
        step_of(
            "外省牌照的同一路线，40小时前的核酸阴性", "the same with a plate of another province",
            _lorry("粤B12345"), _GATE, Expected(Outcome.PASS, ReasonId.PROOF_SHOWN),
            proofs=(ShownProof(ProofKind.TEST, 40),),
        ),
    ),
    _scene(
        19, "货运通行证：偏离路线、已被收回", "transit passes: off the route, withdrawn", 14,
        step_of(
            "货运通行证，安徽不在路线上", "transit pass whose route does not lead through Anhui",
            _lorry(), _GATE, _refer(ReasonId.TRANSIT_OFF_ROUTE), host=ANHUI,
            proofs=(ShownProof(ProofKind.TEST, 40),),
        ),
        step_of(
            "签发地区已收回的货运通行证", "transit pass that its region has withdrawn",
            _lorry(withdrawn=True), _GATE, _refer(ReasonId.TRANSIT_WITHDRAWN),
            proofs=(ShownProof(ProofKind.TEST, 40),),
        ),
    ),
)  # fmt: skip

DEMO_SCENES: Final = ALL_SCENES + FREIGHT_SCENES
"""Everything that the demo plays; 2022 comes last, since no scene can go back before a bundle that was renewed."""
