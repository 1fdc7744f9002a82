"""The reasons of stage (7): why a row of the host's table decided as it did. Part of ``core.reasons``.

The guard's sentences say what to do and never what a row decided on (law 8).
"""

from typing import Final

from tongxing.core.next_steps import (
    DECLARE_STAY,
    FOLLOW_MEASURES,
    FOLLOW_RULE,
    KEEP_APART,
    MANUAL_LANE,
    MEASURE_AGAIN,
    NOTHING,
)
from tongxing.core.reason_ids import ReasonId, Stage
from tongxing.core.reason_rows import Reason, reason_row

DECIDING_REASONS: Final[dict[ReasonId, Reason]] = {
    ReasonId.NOT_CHECKED_HERE: reason_row(
        Stage.DECIDE,
        ("此处不查验健康码。", "No health code is checked here."),
        ("此处不查验健康码。", "No health code is checked here."),
        NOTHING,
    ),
    ReasonId.LOW_LEVEL_LOW_ORIGIN: reason_row(
        Stage.DECIDE,
        ("予以通行。", "Let the person through."),
        ("等级低、来自低风险地区且报告有效：全国互认，予以通行。", "Low level, from a low-risk area, with a current report: recognised nationwide."),
        NOTHING,
    ),
    ReasonId.LOW_LEVEL: reason_row(
        Stage.DECIDE,
        ("予以通行。", "Let the person through."),
        ("等级低且报告有效：全国互认，予以通行。", "Low level with a current report: recognised nationwide."),
        NOTHING,
    ),
    ReasonId.LEVEL_HIGH: reason_row(
        Stage.DECIDE,
        ("不得放行。", "Do not let the person through."),
        ("{source}的报告等级为高，按此处规则不得通行。", "The report of {source} has the high level; by the rules here you may not pass."),
        KEEP_APART,
    ),
    ReasonId.LEVEL_MEDIUM: reason_row(
        Stage.DECIDE,
        ("须按措施办理后通行。", "Let the person through with the measures listed."),
        ("{source}的报告等级为中，按此处规则须采取措施。", "The report of {source} has the medium level; by the rules here measures are needed."),
        FOLLOW_MEASURES,
    ),
    ReasonId.ORIGIN_HIGH: reason_row(
        Stage.DECIDE,
        ("须按措施办理后通行。", "Let the person through with the measures listed."),
        ("您来自高风险地区，按此处规则须采取措施。", "You come from a high-risk area; by the rules here measures are needed."),
        FOLLOW_MEASURES,
    ),
    ReasonId.ORIGIN_MEDIUM: reason_row(
        Stage.DECIDE,
        ("须按措施办理后通行。", "Let the person through with the measures listed."),
        ("您来自中风险地区，按此处规则须采取措施。", "You come from a medium-risk area; by the rules here measures are needed."),
        FOLLOW_MEASURES,
    ),
    ReasonId.ORIGIN_MIXED: reason_row(
        Stage.DECIDE,
        ("不能确认来自何处，须申报停留地。", "Where the person stayed cannot be confirmed; a declared stay is needed."),
        ("只知道您所属的省，而省内各地风险不一；申报近14天停留地即可判定。", "Only your province is known and its areas differ in risk; declare where you stayed in the last 14 days."),
        DECLARE_STAY,
    ),
    ReasonId.ORIGIN_UNKNOWN: reason_row(
        Stage.DECIDE,
        ("不能确认来自何处，须申报停留地。", "Where the person stayed cannot be confirmed; a declared stay is needed."),
        ("不知道您从何处来；申报近14天停留地即可判定。", "It is not known where you come from; declare where you stayed in the last 14 days."),
        DECLARE_STAY,
    ),
    ReasonId.LOCAL_CONDITION: reason_row(
        Stage.DECIDE,
        ("须按措施办理后通行。", "Let the person through with the measures listed."),
        ("此地登记了例外，须按所列措施办理。", "This region has registered an exception; the measures listed are needed."),
        FOLLOW_MEASURES,
    ),
    ReasonId.FEVER_MEASURED_HERE: reason_row(
        Stage.DECIDE,
        ("体温不低于37.3℃，且来人已确认读数。", "The reading is 37.3 °C or more, and the person has confirmed it."),
        ("此处测得您的体温不低于37.3℃，并经您确认；这不改变您的健康码，复测正常即可通过。", "Your temperature here was 37.3 °C or more, and you confirmed it; this does not change your health code, and a normal reading settles it."),
        MEASURE_AGAIN,
    ),
    ReasonId.LOCAL_MEASURES: reason_row(
        Stage.DECIDE,
        ("须按措施办理后通行。", "Let the person through with the measures listed."),
        ("按此处规则须办理所列措施。", "By the rules here the measures listed are needed."),
        FOLLOW_MEASURES,
    ),
    ReasonId.GROUP_RULE: reason_row(
        Stage.DECIDE,
        ("对此类人员另有规定，按结论和所列措施办理。", "A rule of their own holds for such persons: follow the outcome and any measures listed."),
        ("此处对您所属的人员类别另有规定。", "Here a rule of its own holds for people of your group."),
        FOLLOW_RULE,
    ),
    ReasonId.PROOF_SHOWN: reason_row(
        Stage.DECIDE,
        ("予以通行。", "Let the person through."),
        ("您的证明符合此处要求，予以通行。", "Your proof is what the rules here ask for."),
        NOTHING,
    ),
    ReasonId.PROOF_ASKED: reason_row(
        Stage.DECIDE,
        ("缺少此处所需的证明，按结论和所列措施办理。", "A proof that is needed here is missing: follow the outcome and any measures listed."),
        ("此处须有所列证明，而您未出示或已过时限。", "The rules here ask for a proof that was not shown or is too old."),
        FOLLOW_RULE,
    ),
    ReasonId.POSITIVE_PROOF: reason_row(
        Stage.DECIDE,
        ("须由现场防疫人员核实。", "The health officer on site has to look into this."),
        ("所出示或登记的检测结果为阳性，须由防疫人员核实；这不改变您的健康码。", "The test shown or on record is positive; a health officer has to look into it. This does not change your health code."),
        KEEP_APART,
    ),
    ReasonId.NO_RULE_IN_FORCE: reason_row(
        Stage.DECIDE,
        ("本地没有生效的规则，不能判定。", "No rule table is in force here, so nothing can be decided."),
        ("此地没有生效的规则，与您无关。", "No rule table is in force here; this is not about you."),
        MANUAL_LANE,
    ),
}  # fmt: skip
