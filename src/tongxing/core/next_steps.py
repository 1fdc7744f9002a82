"""Next steps: what to do after a verdict, told to the guard and to the person concerned, in both languages.

One closed table of pairs. The guard's sentence speaks of the person, the citizen's to them; neither
names a cause, a colour or a source.
"""

from dataclasses import dataclass
from typing import Final

from tongxing.core.words import Sentence


@dataclass(frozen=True, slots=True)
class NextStep:
    """One step, as the guard reads it and as the citizen does."""

    guard: Sentence
    citizen: Sentence


_GUARDS_LANE: Final = Sentence(
    "请走人工通道：登记有效身份证件，或出示纸质证明。",
    "Use the manual lane: register with an identity document, or show a paper certificate.",
)
MANUAL_LANE: Final = NextStep(
    _GUARDS_LANE,
    Sentence(
        "请到人工通道，出示有效身份证件或纸质证明。",
        "Go to the manual lane with an identity document or a paper certificate.",
    ),
)
SHOW_AGAIN: Final = NextStep(
    Sentence(
        "请让来人刷新后重新出示；仍不行则走人工通道登记身份证件。",
        "Ask the person to refresh and show the code again; if that fails, "
        "use the manual lane with an identity document.",
    ),
    Sentence(
        "请刷新您的码后重新出示；仍不行请到人工通道出示有效身份证件。",
        "Refresh your code and show it again; if that fails, go to the manual lane with an identity document.",
    ),
)
SHOW_CODE_BESIDE: Final = NextStep(
    Sentence(
        "请来人另行出示健康码或登记身份证件；境外证明可与之一并出示。",
        "Ask for a health code or an identity document too; the foreign certificate can be shown beside it.",
    ),
    Sentence(
        "请另行出示健康码或有效身份证件；境外证明可与之一并出示。",
        "Show a health code or an identity document too; the foreign certificate can be shown beside it.",
    ),
)
SHOW_OWN_CODE: Final = NextStep(
    Sentence(
        "通行证不能采用：请司机出示本人健康码；没有的，走人工通道登记身份证件。",
        "The pass cannot be used: ask the driver for their own health code; if there is none, "
        "use the manual lane with an identity document.",
    ),
    Sentence(
        "请改为出示您本人的健康码，或到人工通道出示有效身份证件。",
        "Show your own health code instead, or go to the manual lane with an identity document.",
    ),
)
CONVERT_FIRST: Final = NextStep(
    Sentence(
        "请来人先在本地健康码应用中凭自带证明转码；不行则走人工通道登记身份证件。",
        "Ask the person to convert the code in the app of this region, with the statement that they carry; "
        "if that fails, use the manual lane with an identity document.",
    ),
    Sentence(
        "请先下载证明，在本地健康码应用中转码；不行请到人工通道出示有效身份证件。",
        "Download a statement and convert it in the app of this region; "
        "if that fails, go to the manual lane with an identity document.",
    ),
)
TRY_AGAIN: Final = NextStep(
    Sentence(
        "请稍后再试一次；仍不行则走人工通道登记身份证件。",
        "Try once more in a moment; if that fails, use the manual lane with an identity document.",
    ),
    Sentence(
        "请稍后再出示一次；仍不行请到人工通道出示有效身份证件。",
        "Show your code once more in a moment; if that fails, go to the manual lane with an identity document.",
    ),
)
RENEW: Final = NextStep(
    Sentence(
        "请来人在其健康码应用中重新登记后再出示，或走人工通道。",
        "Ask the person to register again in their health-code app and show the code anew, or use the manual lane.",
    ),
    Sentence(
        "请在您的健康码应用中重新登记后再出示，或到人工通道出示有效身份证件。",
        "Register again in your health-code app and show the code anew, "
        "or go to the manual lane with an identity document.",
    ),
)
WAIT_FOR_REVIEW: Final = NextStep(
    _GUARDS_LANE,
    Sentence(
        "请到人工通道出示有效身份证件或纸质证明；所属地区给出结论后，您的码即可使用。",
        "Go to the manual lane with an identity document or a paper certificate; "
        "your code works once your region has decided.",
    ),
)
REGISTER: Final = NextStep(
    _GUARDS_LANE,
    Sentence(
        "请到人工通道出示有效身份证件；并请在所属地区的健康码应用中登记或更正。",
        "Go to the manual lane with an identity document; register in your region's health-code app, "
        "or correct what it holds.",
    ),
)
HAVE_IT_UPDATED: Final = NextStep(
    _GUARDS_LANE,
    Sentence(
        "请到人工通道出示有效身份证件；并请联系作出该报告的地区更新或解除。",
        "Go to the manual lane with an identity document; ask the region that made the report to update or clear it.",
    ),
)
DECLARE_STAY: Final = NextStep(
    _GUARDS_LANE,
    Sentence(
        "请到人工通道申报近14天停留地。", "Go to the manual lane and declare where you stayed in the last 14 days."
    ),
)
MEASURE_AGAIN: Final = NextStep(
    Sentence(
        "请来人在旁等候并复测体温；仍发热的，联系现场防疫人员。列有措施的，一并办理。",
        "Ask the person to wait apart and measure again; if the fever stays, call the health officer on site. "
        "Follow any measures listed.",
    ),
    Sentence(
        "请在旁等候，再测一次体温；仍发热的，现场防疫人员会协助您。列有措施的，请一并办理。",
        "Wait aside and have your temperature measured again; if the fever stays, the health officer on site "
        "will help you. Follow any measures listed.",
    ),
)
FOLLOW_MEASURES: Final = NextStep(
    Sentence("办理后即可通行。", "Then the person may pass."),
    Sentence("办好所列措施，您即可通行。", "Once the measures listed are done, you may pass."),
)
FOLLOW_RULE: Final = NextStep(
    Sentence(
        "列有措施的，办理后通行；须人工确认的，请走人工通道。",
        "With measures listed, follow them and the person may pass; to be confirmed, use the manual lane.",
    ),
    Sentence(
        "列有措施的，办理后即可通行；须人工确认的，请到人工通道。",
        "With measures listed, follow them and you may pass; to be confirmed, go to the manual lane.",
    ),
)
NOTHING: Final = NextStep(
    Sentence("无需其他手续。", "Nothing more is asked."),
    Sentence("您无需办理其他手续。", "Nothing more is asked of you."),
)
KEEP_APART: Final = NextStep(
    Sentence(
        "请来人留在原地并保持距离，联系现场防疫人员；不得公开其信息。",
        "Ask the person to wait apart and call the health officer on site; tell nobody else.",
    ),
    Sentence(
        "请留在原地并与他人保持距离，等候现场防疫人员；如何解除，见所列原因。",
        "Stay where you are, apart from others, and wait for the health officer; "
        "what clears it is told with each cause.",
    ),
)
