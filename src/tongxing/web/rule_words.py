"""What the pages about rules say (reading, editing, what rules cost), and the closed lists of which a form is made.

The words of inputs, outcomes, measures and reasons come from ``rules`` and ``core``, so that a form offers exactly
what a table may say.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tongxing.core.reasons import REASONS
from tongxing.core.verdicts import MEASURE_WORDS, OUTCOME_WORDS
from tongxing.core.words import Language, Sentence
from tongxing.rules.differences import RISK_WORDS
from tongxing.rules.findings import FindingKind
from tongxing.rules.inputs import INPUTS, PLACE_WORDS, Input, word_of
from tongxing.rules.rows import CLAIMS, Demand, Evidence

RULE_WORDS: Final[Mapping[str, Sentence]] = {
    # of all three pages
    "rules": Sentence("查验规则", "Rules"),
    "editor": Sentence("编辑规则", "Edit rules"),
    "rules_more": Sentence("相关页面", "Related pages"),
    "rules_day": Sentence("日期（北京时间）", "Day (Beijing)"),
    "rules_show": Sentence("显示", "Show"),
    "rules_failed": Sentence("没有查到", "Nothing was found out"),
    "rules_empty": Sentence("无", "none"),
    "rules_or": Sentence("或", " or "),
    # reading
    "rules_find": Sentence("查看规则", "Read the rules"),
    "rules_says": Sentence(
        "自上而下，第一条符合的规则决定。本地没有规定的，依次适用上级规则，最后是全国规则。",
        "The first row that fits decides, from the top down. What a place does not decide, the tables above it do, "
        "the national one last.",
    ),
    "rules_whose": Sentence("地区或场所", "Whose rules"),
    "rules_versions": Sentence("有效的和将要生效的版本", "In force and to come"),
    "rules_version": Sentence("版本", "version"),
    "rules_from": Sentence("自", "from"),
    "rules_until": Sentence("至", "until"),
    "rules_no_end": Sentence("无终止日", "no end"),
    "rules_holds": Sentence("有效", "in force"),
    "rules_to_come": Sentence("将生效", "to come"),
    "rules_over": Sentence("已结束", "ended"),
    "rules_urgent": Sentence("紧急，未满公示期", "urgent, without the usual notice"),
    "rules_kind_exception": Sentence("已登记的例外（先于规则）", "Registered exceptions (they go first)"),
    "rules_kind_row": Sentence("规则", "Rows"),
    "rules_kind_not_checked": Sentence("不查验的场所", "Where codes are not read"),
    "rules_kind_ceiling": Sentence("各地不得要求", "What no region may demand"),
    "rules_id": Sentence("规则", "Row"),
    "rules_who": Sentence("适用于", "For whom"),
    "rules_anybody": Sentence("报告有效的任何人", "anybody with a current report"),
    "rules_anywhere": Sentence("任何场所", "any place"),
    "rules_outcome": Sentence("结论和措施", "Outcome and measures"),
    "rules_unread": Sentence("不查验健康码，直接通行", "Codes are not read: people pass"),
    "rules_basis": Sentence("依据", "Legal basis"),
    "rules_days": Sentence("有效期", "Days"),
    "rules_overrides": Sentence("优先于", "goes before"),
    "rules_why": Sentence("理由", "Why"),
    "rules_registrar": Sentence("登记机关", "Registered by"),
    "rules_file": Sentence("原文（TOML）", "As a file (TOML)"),
    "rules_register": Sentence("例外登记簿", "Register of exceptions"),
    "rules_register_says": Sentence(
        "各地区对全国底线的例外。每项都有理由、依据、登记机关和终止日，到期自动失效。",
        "What regions ask beyond the national floor. Each has a reason, a basis, a registrar and an end, and stops by "
        "itself.",
    ),
    "rules_ended_too": Sentence("也显示已结束和将生效的", "those that have ended or are to come, too"),
    "rules_where": Sentence("地区", "Where"),
    "rules_notices": Sentence("公告", "Public notices"),
    "rules_no_notices": Sentence("没有公告", "no notices yet"),
    "rules_print": Sentence("打印", "Print"),
    # editing
    "edit_begin": Sentence("编辑一份规则", "Edit a table"),
    "edit_which": Sentence("从哪份规则开始", "Begin with"),
    "edit_new": Sentence("新建：还没有规则的地区或场所", "new: a place without a table"),
    "edit_region": Sentence("行政区划代码（2或4位）", "Division number (2 or 4 digits)"),
    "edit_open": Sentence("打开", "Open"),
    "edit_table": Sentence("规则表", "The table"),
    "edit_head": Sentence("表头", "Head"),
    "edit_site": Sentence("场所（没有则留空）", "Site (empty if of none)"),
    "edit_version": Sentence("版本号", "Version"),
    "edit_first_day": Sentence("首日", "First day"),
    "edit_last_day": Sentence("末日（无则留空）", "Last day (empty for none)"),
    "edit_name_zh": Sentence("名称（中文）", "Name (Chinese)"),
    "edit_name_en": Sentence("名称（英文）", "Name (English)"),
    "edit_urgent_zh": Sentence("紧急理由（中文；不紧急则留空）", "Why it cannot wait (Chinese; empty if it can)"),
    "edit_urgent_en": Sentence("紧急理由（英文）", "Why it cannot wait (English)"),
    "edit_why_zh": Sentence("理由（中文）", "Why (Chinese)"),
    "edit_why_en": Sentence("理由（英文）", "Why (English)"),
    "edit_registrar_zh": Sentence("登记机关（中文）", "Registered by (Chinese)"),
    "edit_registrar_en": Sentence("登记机关（英文）", "Registered by (English)"),
    "edit_id": Sentence("标识（小写字母、数字、下划线）", "Id (small letters, digits, underscores)"),
    "edit_any": Sentence("不限", "any"),
    "edit_when": Sentence("条件（不选即不限）", "Conditions (nothing ticked: any)"),
    "edit_any_of": Sentence("任一", "any of"),
    "edit_none_of": Sentence("均无", "none of"),
    "edit_outcome": Sentence("结论", "Outcome"),
    "edit_measures": Sentence("措施", "Measures"),
    "edit_reason": Sentence("告诉本人的理由", "Reason told to the person"),
    "edit_basis": Sentence("依据", "Legal basis"),
    "edit_evidence": Sentence("依据的可靠程度", "How sure the basis is"),
    "edit_overrides": Sentence("优先于后面的", "Goes before these later rows"),
    "edit_demand": Sentence("不得要求", "Not to be demanded"),
    "edit_places": Sentence("场所（不选即全部）", "Kinds of place (nothing ticked: all)"),
    "edit_place_risk": Sentence("场所所在地风险（不选即不限）", "Risk of the place itself (nothing ticked: any)"),
    "edit_add_row": Sentence("添加规则", "Add a row"),
    "edit_add_exception": Sentence("添加例外", "Add an exception"),
    "edit_add_not_checked": Sentence("添加不查验场所", "Add a place where codes are not read"),
    "edit_up": Sentence("上移", "Up"),
    "edit_down": Sentence("下移", "Down"),
    "edit_delete": Sentence("删除", "Delete"),
    "edit_new_version": Sentence("作为新版本", "As a new version"),
    "edit_undo": Sentence("撤销", "Undo"),
    "edit_text": Sentence("原文（TOML）", "As a text (TOML)"),
    "edit_text_says": Sentence(
        "可以直接修改原文。用表单修改一条规则时，该条之内的注释会丢失。",
        "The text can be changed directly. Comments inside a row are lost when the form changes that row.",
    ),
    "edit_unread": Sentence("还不完整：", "Not complete yet: "),
    "edit_refused": Sentence("还不能成立：", "Not a table yet: "),
    "edit_fine": Sentence("格式正确。", "Well-formed."),
    "edit_example": Sentence("试一试：举例的人", "Try an example person"),
    "edit_example_says": Sentence(
        "随着修改即时判定。结论后附最近的改变：怎样就会不同。",
        "Decided anew with every change; below stands the nearest change that would alter the outcome.",
    ),
    "edit_with": Sentence("按修改后的规则", "With this table"),
    "edit_without": Sentence("按现行规则", "By the rules in force"),
    "edit_undecided": Sentence("没有规则可以判定", "No row decides"),
    "edit_nearest": Sentence("最近的改变", "Nearest change"),
    "edit_become": Sentence("用此人试", "Try this person"),
    "edit_row": Sentence("决定的规则", "Row"),
    "edit_proof": Sentence("校验与公告", "Proof and public notice"),
    "edit_proof_says": Sentence(
        "校验需要几秒：有无遗漏、矛盾、多余的规则，是否突破底线和上限，是否让情况更好的人反而更难。",
        "Takes seconds: gaps, conflicts, dead rows, the floor and the ceiling, and that nobody is worse off for being "
        "better.",
    ),
    "edit_examine": Sentence("校验", "Prove it"),
    "edit_examining": Sentence("校验中…", "Proving…"),
    "edit_proven": Sentence("校验通过：没有发现问题。", "Proven: nothing is wrong with it."),
    "edit_found": Sentence("校验未通过，反例：", "Refused. Counter-examples:"),
    "edit_stale": Sentence("校验之后又有修改，请重新校验。", "Changed since it was proven; prove it again."),
    "edit_changes": Sentence("对谁有变化（举例）", "Who is treated differently, by example"),
    "edit_no_changes": Sentence("对任何人都没有变化。", "Nobody is treated differently."),
    "edit_notice": Sentence("公告", "Public notice"),
    "edit_propose": Sentence("提交审批", "Propose"),
    "edit_proposed": Sentence("已提交，须由另一位运维人员审批。", "Proposed; another operator has to approve it."),
    "edit_proposals": Sentence("待审批的规则", "Proposals"),
    "edit_no_proposals": Sentence("没有提案。", "There are none."),
    "edit_by": Sentence("提交者", "Proposed by"),
    "edit_you": Sentence("您", "you"),
    "edit_expires": Sentence("截止", "expires"),
    "edit_open_state": Sentence("待审批", "open"),
    "edit_approved": Sentence("已批准", "approved"),
    "edit_rejected": Sentence("已驳回", "rejected"),
    "edit_expired": Sentence("已过期", "expired"),
    "edit_bundle": Sentence("资料包", "bundle"),
    "edit_look": Sentence("对谁有变化，修改后的规则", "Who is treated differently; the table"),
    "edit_approve": Sentence("批准并发布", "Approve and publish"),
    "edit_reject": Sentence("驳回", "Reject"),
    "edit_take_back": Sentence("撤回", "Take back"),
    "edit_reject_why": Sentence("驳回理由", "Why it is rejected"),
    "edit_own": Sentence("您自己的提案须由另一位运维人员批准。", "Your own proposal: another operator approves it."),
    "edit_same_hand": Sentence(
        "不能批准自己提交的规则：此浏览器的密钥与提案者出自同一人。",
        "Nobody approves a table of their own: this browser's key comes from the same operator.",
    ),
    "edit_published": Sentence("已发布，资料包", "Published in bundle"),
    "edit_edit": Sentence("在此基础上编辑", "Edit it further"),
    # what rules cost
    "cost_title": Sentence("任意两市之间，每类场所", "Every city to every city, at each kind of place"),
    "cost_says": Sentence(
        "假定每个人报告有效、等级低、来处精确到市。颜色越深，不办手续即可通行的越少。",
        "Everybody has a current report of low level and an origin known to the city. The darker, the fewer pass with "
        "nothing asked.",
    ),
    "cost_place": Sentence("场所", "Kind of place"),
    "cost_all": Sentence("全部", "all"),
    "cost_without": Sentence("假如没有这项例外", "As if this exception were not"),
    "cost_none": Sentence("（不去掉）", "(none left out)"),
    "cost_run": Sentence("推演", "Run"),
    "cost_running": Sentence("推演中，需要几秒…", "Running, this takes seconds…"),
    "cost_no_levels": Sentence("这一天的风险等级未知，不能推演。", "The risk levels of this day are not known here."),
    "cost_now": Sentence("现行规则", "Rules in force"),
    "cost_changed": Sentence("去掉例外之后", "Without the exception"),
    "cost_nothing": Sentence("不办手续", "nothing asked"),
    "cost_measures": Sentence("须办措施", "with measures"),
    "cost_referred": Sentence("转人工", "referred"),
    "cost_stopped": Sentence("不得通行", "stopped"),
    "cost_pairs": Sentence("城市对", "pairs"),
    "cost_summary": Sentence("合计", "In total"),
    "cost_by_place": Sentence("按场所", "By kind of place"),
    "cost_by_host": Sentence("按前往的省份", "By province of the host"),
    "cost_by_origin": Sentence("按来自的省份", "By province of the origin"),
    "cost_picture": Sentence("热力图", "Heat map"),
    "cost_same": Sentence("下表内容与图相同。", "The table below says the same as the picture."),
    "cost_pairs_table": Sentence("省与省之间，不办手续的比例（%）", "Province to province: nothing asked (%)"),
    "cost_from_to": Sentence("来自＼前往", "from \\ to"),
    "cost_risks": Sentence("当日城市风险", "Cities at risk that day"),
    "cost_exceptions": Sentence("例外决定的城市对", "Pairs that an exception decided"),
    "costs": Sentence("规则的代价", "What rules cost"),
}

EVIDENCE_WORDS: Final[Mapping[Evidence, Sentence]] = {
    Evidence.STD: Sentence("国家标准", "national standard"),
    Evidence.DOC: Sentence("正式文件", "official notice"),
    Evidence.SUM: Sentence("新闻报道", "press"),
    Evidence.CODE: Sentence("见于程序", "seen in a program"),
    Evidence.ASSUMED: Sentence("推定", "assumed"),
}
DEMAND_WORDS: Final[Mapping[Demand, Sentence]] = {
    Demand.SECOND_APPLICATION: Sentence("另行申领本地健康码", "a second application for a code"),
    Demand.SECOND_CODE: Sentence("另行出示第二个码", "a second code"),
    Demand.CODE_ONLY: Sentence("健康码作为唯一凭证", "the code as the only credential"),
}

FINDING_WORDS: Final[Mapping[FindingKind, Sentence]] = {
    FindingKind.GAP: Sentence("有人没有规则可依", "nobody decides on somebody"),
    FindingKind.CONFLICT: Sentence("两条规则矛盾", "two rows contradict each other"),
    FindingKind.DEAD_ROW: Sentence("永远轮不到的规则", "a row that never decides"),
    FindingKind.BELOW_FLOOR: Sentence("低于全国底线", "below the national floor"),
    FindingKind.NEEDLESS_EXCEPTION: Sentence("没有必要的例外", "an exception to nothing"),
    FindingKind.ABOVE_CEILING: Sentence("超出全国上限", "above the national ceiling"),
    FindingKind.LEVEL_NOT_MONOTONE: Sentence("等级更好反而更难", "a better level makes it harder"),
    FindingKind.EVIDENCE_NOT_MONOTONE: Sentence("证明更好反而更难", "a better proof makes it harder"),
    FindingKind.FEVER_NOT_MONOTONE: Sentence("体温正常反而更难", "a normal temperature makes it harder"),
    FindingKind.UNKNOWN_NOT_MONOTONE: Sentence("不知道反而更容易", "knowing less makes it easier"),
    FindingKind.STOP_WITHOUT_REPORT: Sentence("没有有效报告就不得通行", "stopped without a current report"),
    FindingKind.STOP_FOR_CREDENTIAL: Sentence("因证明方式不得通行", "stopped for how one identifies"),
}


def encode_form(language: Language) -> str:
    """Return as JSON what an editor's form offers: inputs with their values, and every other closed list, in words."""
    choices = {
        "inputs": [_encode_input(entry, language) for entry in INPUTS],
        "outcomes": _encode(OUTCOME_WORDS, language),
        "measures": _encode(MEASURE_WORDS, language),
        "reasons": {
            reason: {"words": REASONS[reason].guard.text(language), "outcomes": sorted(claim.outcomes)}
            for reason, claim in CLAIMS.items()
        },
        "evidence": _encode(EVIDENCE_WORDS, language),
        "demands": _encode(DEMAND_WORDS, language),
        "places": _encode(PLACE_WORDS, language),
        "risks": _encode(RISK_WORDS, language),
        "findings": _encode(FINDING_WORDS, language),
    }
    return msgspec.json.encode(choices).decode()


def _encode(words: Mapping[Any, Sentence], language: Language) -> dict[str, str]:
    return {str(value): said.text(language) for value, said in words.items()}


def _encode_input(entry: Input, language: Language) -> dict[str, object]:
    return {
        "name": entry.name,
        "attribute": entry.attribute,
        "many": entry.many,
        "words": entry.words.text(language),
        "values": [{"word": word_of(value), "words": said.text(language)} for value, said in entry.values.items()],
    }
