"""What the pages say about error correction and about a person's documents, in both languages."""

from collections.abc import Mapping
from typing import Final

from tongxing.core.words import FEDERATION_NAME, Sentence

CASE_WORDS: Final[Mapping[str, Sentence]] = {
    "cases_title": Sentence("状态有误？纠错与申诉", "Is my status wrong? Corrections and objections"),
    "cases_says": Sentence(
        "登记后立即得到编号，并转交赋码地区办理。证件和姓名只有办理地区能看到。",
        "You get a number at once; it goes to the region that set the status. Only that region reads who you are.",
    ),
    "case_claim": Sentence("哪里有误", "What is wrong"),
    "case_against": Sentence("哪个地区赋的码", "Which region set it"),
    "case_federation": FEDERATION_NAME,
    "case_name": Sentence("证件上的姓名", "Name on the document"),
    "case_open": Sentence("提交", "Submit"),
    "case_opened": Sentence("已登记，编号", "Registered, number"),
    "case_not_yours": Sentence("请填写登录所用的证件。", "Give the document that you signed in with."),
    "case_limited": Sentence("今日提交次数已达上限。", "You have opened as many as a day allows."),
    "case_due": Sentence("应办结", "To be decided by"),
    "case_limit": Sentence("最长时限", "At the very latest"),
    "case_withdraw": Sentence("撤回", "Withdraw"),
    "cases_none": Sentence("没有纠错记录。", "No corrections yet."),
    "documents_title": Sentence("与我关联的证件", "Documents linked with mine"),
    "documents_none": Sentence("没有关联其他证件。", "No other document is linked with yours."),
    "documents_partial": Sentence("全国平台暂时联系不上，可能不全。", "The hub was not reached; there may be more."),
    "link_says": Sentence("称另一证件也是您的", "says that another document is yours too"),
    "link_object": Sentence("不是我的", "Not mine"),
    "link_fill": Sentence("请先在上面填写证件和姓名。", "First fill in document and name above."),
    "desk_cases": Sentence("纠错办理", "Corrections to decide"),
    "desk_cases_none": Sentence("没有待办的纠错。", "Nothing is waiting."),
    "case_number": Sentence("编号", "Number"),
    "case_what": Sentence("事由", "About"),
    "case_state": Sentence("进度", "State"),
    "case_examine": Sentence("核实", "Examine"),
    "case_decision": Sentence("决定", "Decision"),
    "case_decide": Sentence("办结", "Decide"),
    "case_decide_says": Sentence(
        "决定不能更改。请先在本地系统更正记录。", "A decision is final. Correct your own record first."
    ),
    "case_elsewhere": Sentence("由其他地区办理", "another region decides"),
}
