"""What the pages say beside what the API answers, in both languages, and the shapes that stand beside words.

The words of outcomes, measures and endings are not here: a page shows those that the node sends, or takes
them from ``core``, so that nothing has two names.
"""

from collections.abc import Mapping
from typing import Final

from tongxing.core.cases import CLAIM_WORDS, CLAIMS_OF, CaseClaim, CaseKind
from tongxing.core.documents import DOCUMENT_WORDS
from tongxing.core.groups import GROUP_WORDS
from tongxing.core.provinces import PROVINCE_NAMES
from tongxing.core.verdicts import DIRECTION_WORDS, ENDING_WORDS, SEEN_WORDS, Outcome
from tongxing.core.words import Sentence
from tongxing.risk.divisions import CORPS, CORPS_NAME
from tongxing.rules.inputs import PLACE_WORDS
from tongxing.web.case_words import CASE_WORDS
from tongxing.web.joining_words import JOINING_WORDS
from tongxing.web.one_stop_words import ONE_STOP_WORDS
from tongxing.web.reference_words import REFERENCE_WORDS
from tongxing.web.region_words import REGION_WORDS
from tongxing.web.rule_words import DEMAND_WORDS, EVIDENCE_WORDS, RULE_WORDS
from tongxing.web.statistics_words import STATISTICS_WORDS

WORDS: Final[Mapping[str, Sentence]] = {
    # of every page
    "checkpoint": Sentence("查验点", "Checkpoint"),
    "my": Sentence("我的健康码", "My health code"),
    "operator": Sentence("运维", "Operator"),
    "map": Sentence("风险地区", "Risk areas"),
    "skip": Sentence("跳到正文", "Skip to the content"),
    "language": Sentence("English", "中文"),
    "no_script": Sentence("此页面需要启用 JavaScript。", "This page needs JavaScript."),
    "online": Sentence("已连接", "Connected"),
    "offline": Sentence("网关连接不上", "Gateway not reachable"),
    "not_ready": Sentence("网关没有有效资料", "Gateway without valid data"),
    "data_age": Sentence("资料", "Data"),
    "ago": Sentence("前", "old"),
    "days": Sentence("天", "d"),
    "hours": Sentence("小时", "h"),
    "minutes": Sentence("分钟", "min"),
    "seconds": Sentence("秒", "s"),
    "none": Sentence("无", "none"),
    # pairing
    "pair_title": Sentence("登记此设备", "Enrol this device"),
    "pair_says": Sentence(
        "请向运维人员索取配对码或配对链接。密钥在本浏览器内生成，不能导出。",
        "Ask an operator for a pairing code or link. The key is made in this browser and cannot leave it.",
    ),
    "pair_field": Sentence("配对码", "Pairing code"),
    "pair_button": Sentence("登记", "Enrol"),
    "pair_failed": Sentence(
        "配对码已用、过期或不存在，请索取新的。",
        "This pairing code was used, has ended or is unknown; ask for a new one.",
    ),
    "pair_insecure": Sentence(
        "浏览器只在安全连接（HTTPS 或本机）下提供密钥和摄像头。",
        "The browser gives keys and the camera only over HTTPS or on this machine.",
    ),
    "key_refused": Sentence("此设备的登记已失效，请重新登记。", "This device's enrolment has ended; enrol it again."),
    "unpair": Sentence("注销此设备", "Forget this device"),
    # checkpoint
    "ready": Sentence("请扫码", "Ready to scan"),
    "ready_says": Sentence(
        "对准健康码，或上传图片、输入码文、登记证件。",
        "Show a code to the camera, or use a picture, a text or a document.",
    ),
    "checking": Sentence("查验中…", "Checking…"),
    "no_verdict": Sentence("没有结论", "No verdict"),
    "no_verdict_offline": Sentence(
        "网关连接不上，没有查验。请稍后重试，或转人工通道。",
        "The gateway was not reached; nothing was checked. Try again, or use the manual lane.",
    ),
    "next": Sentence("下一位", "Next person"),
    "camera_region": Sentence("扫码", "Scan"),
    "camera_start": Sentence("打开摄像头", "Start the camera"),
    "camera_stop": Sentence("关闭摄像头", "Stop the camera"),
    "camera_view": Sentence("摄像头画面", "What the camera sees"),
    "camera_denied": Sentence("摄像头不可用，请上传图片。", "The camera cannot be used; use a picture."),
    "camera_on": Sentence("摄像头已打开", "The camera is on"),
    "picture": Sentence("拍照或上传图片", "Take or choose a picture"),
    "text_title": Sentence("扫码枪或输入码文", "Hand scanner, or type a code's text"),
    "text_field": Sentence("码文", "Text of the code"),
    "check": Sentence("查验", "Check"),
    "document_title": Sentence("没有手机：登记证件", "No phone: identity document"),
    "document_type": Sentence("证件类型", "Kind of document"),
    "document_number": Sentence("证件号码", "Document number"),
    "document_says": Sentence(
        "外国护照请在号码前写国家代码和冒号，如 USA:912345678",
        "Before the number of a foreign passport write its country and a colon, as USA:912345678",
    ),
    "document_presence": Sentence(
        "本人在场，知道此次查询会被记录", "The person is present and knows that this look is recorded"
    ),
    "settings_title": Sentence("查验点设置", "This checkpoint"),
    "place_kind": Sentence("场所", "Kind of place"),
    "direction": Sentence("方向", "Direction"),
    "direction_none": Sentence("不记录", "not recorded"),
    "temperature_title": Sentence("体温", "Temperature"),
    "temperature": Sentence("体温（℃）", "Temperature (°C)"),
    "temperature_confirmed": Sentence("本人已确认读数", "The person has confirmed the reading"),
    "sound": Sentence("声音提示", "Sounds"),
    "measures": Sentence("措施", "Measures"),
    "person": Sentence("本人", "Person"),
    "reference": Sentence("编号", "Reference"),
    "person_title": Sentence("来人情况和纸质证明", "The person, and proofs on paper"),
    "person_groups": Sentence("属于哪类人员", "The person is"),
    "paper": Sentence("出示的证明", "What was shown"),
    "paper_at": Sentence(
        "采样、最后一剂、康复或隔离结束的时间（北京时间）",
        "When the sample was taken, the last dose given, recovered, or the isolation ended (Beijing time)",
    ),
    "paper_add": Sentence("记下", "Note it"),
    "paper_remove": Sentence("去掉", "Remove"),
    "papers": Sentence("已记下的证明", "Noted"),
    "foreign_code": Sentence("境外证明", "foreign certificate"),
    "foreign_noted": Sentence(
        "已记下境外证明。请录入证件上的姓名，再扫健康码。",
        "Foreign certificate noted. Enter the name on the identity document, then scan a health code.",
    ),
    "document_name": Sentence(
        "证件上的姓名（与境外证明比对）", "Name on the identity document (to compare with foreign certificates)"
    ),
    "vehicle_compare": Sentence("与车牌、路线核对：", "Compare with the vehicle and its way:"),
    "vehicle_until": Sentence("通行证有效至", "Pass valid until"),
    "ending_title": Sentence("人工确认结果", "How the manual check ended"),
    "ending_seen": Sentence("出示了什么", "What was seen"),
    "ending_outcome": Sentence("结果", "What became of it"),
    "ending_save": Sentence("记录", "Record"),
    "ending_saved": Sentence("已记录", "Recorded"),
    # citizen
    "sign_in_title": Sentence("登录", "Sign in"),
    "sign_in_says": Sentence(
        "由本地区的身份认证平台确认您是谁；本页面不会得到您的密码。",
        "Your region's identity provider confirms who you are; this page never sees your password.",
    ),
    "sign_in": Sentence("前往登录", "Sign in"),
    "sign_in_failed": Sentence("登录未成功，请重试。", "The sign-in did not succeed; try again."),
    "sign_out": Sentence("退出登录", "Sign out"),
    "whose": Sentence("谁的码", "Whose code"),
    "own": Sentence("本人", "My own"),
    "code_picture": Sentence("健康码，请出示给查验人员", "Health code, to be shown at the checkpoint"),
    "code_says": Sentence(
        "码中没有姓名、证件号码和颜色；每分钟更新，截图会失效。",
        "The code holds no name, no number and no colour. It is made anew each minute; a screenshot does not last.",
    ),
    "code_left": Sentence("此码剩余", "This code lasts another"),
    "code_failed": Sentence(
        "现在不能生成健康码，请走人工通道或出示证件。",
        "No code can be made now; use the manual lane or show a document.",
    ),
    "code_undrawn": Sentence(
        "此浏览器不能画出健康码，请出示证件。", "This browser cannot draw the code; show a document."
    ),
    "clock": Sentence("北京时间", "Beijing time"),
    "report_title": Sentence("我的码说了什么", "What my code says"),
    "report_failed": Sentence("现在查不到，请稍后再看。", "This cannot be told now; look again later."),
    "report_theirs": Sentence(
        "家人的码背后的内容只告诉其本人。", "What is behind a relative's code is told to them alone."
    ),
    "report_partial": Sentence("其他地区的报告暂时不能显示。", "What other regions report cannot be shown now."),
    "declare_title": Sentence("申报停留地", "Declare where I stayed"),
    "declare_says": Sentence(
        "本地区直接采用全国码：全国平台根据您的申报和已知情况评估。",
        "This region uses the national code: the federation assesses by what you declare and what is known.",
    ),
    "declare_where": Sentence("停留地（省、市）", "Province or city"),
    "declare_since": Sentence("从哪天起", "Since which day"),
    "declare_until": Sentence("到哪天止（仍在当地则不填）", "Until which day (leave empty if still there)"),
    "declare": Sentence("申报", "Declare"),
    "next_step": Sentence("怎么办", "What to do"),
    "why_title": Sentence("为什么这样判定", "Why was it decided so?"),
    "why_says": Sentence(
        "输入查验人员屏幕上的编号；只能查询用您在此打开的码、或用您的证件得出的结论。",
        "Type the reference on the guard's screen. Only verdicts on codes that you have opened here, "
        "or on your document, are explained.",
    ),
    "host": Sentence("查验地区", "Region of the checkpoint"),
    "why": Sentence("查询", "Explain"),
    "why_failed": Sentence(
        "没有用您的码得出的这一结论，或已超过24小时。",
        "There is no such verdict on a code of yours, or it is older than 24 hours.",
    ),
    "causes": Sentence("原因", "Causes"),
    "source": Sentence("谁说的", "Who says so"),
    "as_of": Sentence("截至", "As of"),
    "valid_until": Sentence("有效至", "Valid until"),
    "since": Sentence("自", "since"),
    "clears": Sentence("解除条件", "What clears it"),
    "home_status": Sentence("本地区显示", "Shown at home as"),
    "rule": Sentence("依据规则", "Rule"),
    "nearest": Sentence("怎样就会不同", "What would alter it"),
    "legal_basis": Sentence("法规文件", "Legal basis"),
    "inputs_used": Sentence("看了什么", "What was looked at"),
    "exception": Sentence("已登记的例外", "Registered exception"),
    "vehicle": Sentence("通行证上的车辆和路线", "Vehicle and way on the pass"),
    "object_at": Sentence("异议", "Objection"),
    "looks_title": Sentence("谁查过我", "Who has looked me up"),
    "looks_none": Sentence("没有人用证件号码查过您。", "Nobody has looked you up by your document."),
    "looks_partial": Sentence("其他地区的查询暂时不能显示。", "Looks in other regions cannot be shown now."),
    "family_title": Sentence("家人", "Family"),
    "family_says": Sentence(
        "经本人同意，您可以出示家人的码，但看不到码背后的内容。",
        "With their consent you may show a relative's code; you do not learn what is behind it.",
    ),
    "members": Sentence("我可以出示", "Whose code I may show"),
    "holders": Sentence("可以出示我的码", "Who may show mine"),
    "bind": Sentence("绑定子女", "Add my child"),
    "end_bond": Sentence("解除", "End"),
    "invite": Sentence("邀请家人", "Invite a relative"),
    "invitation": Sentence("邀请码（10分钟内一次有效）", "Invitation (once, within 10 minutes)"),
    "consent_title": Sentence("接受邀请", "Accept an invitation"),
    "consent": Sentence("我同意由对方出示我的码", "I consent that my code is shown by whoever invited me"),
    "accept": Sentence("接受", "Accept"),
    "failed": Sentence("未成功", "That did not succeed"),
    "done": Sentence("已完成", "Done"),
    # operator
    "status": Sentence("状态", "Status"),
    "directory": Sentence("地区目录", "Directory"),
    "freshness": Sentence("资料新旧", "Freshness"),
    "alarms": Sentence("告警", "Alarms"),
    "no_alarms": Sentence("没有告警", "No alarms"),
    "bundle": Sentence("资料包", "Bundle"),
    "bundle_age": Sentence("资料包签发于", "Bundle issued"),
    "bundle_expires": Sentence("资料包失效于", "Bundle expires"),
    "risk_as_of": Sentence("风险名单", "Risk list"),
    "key_version": Sentence("主体键换版", "Key rotation"),
    "key_version_done": Sentence("全部已换到版本", "everything is under version"),
    "key_version_of": Sentence("已换到版本", "are under version"),
    "key_people_wait": Sentence("人须重新报送", "people must be handed in again"),
    "not_counted": Sentence("尚未统计", "not counted yet"),
    "hub_seen": Sentence("最近一次联系全国平台", "Hub last reached"),
    "is_ready": Sentence("就绪", "Ready"),
    "is_not_ready": Sentence("未就绪", "Not ready"),
    "sessions": Sentence("设备会话", "Device sessions"),
    "version": Sentence("版本", "Version"),
    "region": Sentence("地区", "Region"),
    "address": Sentence("地址", "Address"),
    "keys_in_force": Sentence("有效密钥", "Keys in force"),
    "key_end": Sentence("最早失效", "First to end"),
    "no_end": Sentence("无期限", "no end"),
    "suspended": Sentence("已暂停", "suspended"),
    "takes_part": Sentence("参加", "takes part"),
    "when": Sentence("时间", "When"),
    "reason": Sentence("原因", "Reason"),
    "detail": Sentence("说明", "Detail"),
    "credentials": Sentence("已登记的密钥", "Enrolled keys"),
    "label": Sentence("名称", "Label"),
    "role": Sentence("角色", "Role"),
    "until": Sentence("有效至", "Until"),
    "stands_at": Sentence("站点与所在地", "Site and division"),
    "revoked": Sentence("已吊销", "revoked"),
    "ended": Sentence("已到期", "ended"),
    "in_force": Sentence("有效", "in force"),
    "revoke": Sentence("吊销", "Revoke"),
    "revoke_title": Sentence("吊销这个密钥？", "Revoke this key?"),
    "revoke_says": Sentence(
        "立即失效，其会话一并结束，且不能恢复；设备须重新登记。",
        "It ends at once with its sessions and cannot be taken back; the device has to be enrolled anew.",
    ),
    "revoke_now": Sentence("吊销", "Yes, revoke it"),
    "revoke_keep": Sentence("保留", "Keep it"),
    "last_operator": Sentence(
        "这是最后一个运维密钥，请先登记另一个", "this is the last operator's key; enrol another one first"
    ),
    "pair_new": Sentence("登记新的查验设备", "Enrol a checkpoint's device"),
    "pair_label": Sentence("设备名称", "Name of the device"),
    "pair_site": Sentence("查验站点（可不填）", "Site (may be left empty)"),
    "pair_division": Sentence(
        "所在地区划代码（市4位或县6位，可不填）",
        "Division where it stands (city 4 or county 6 digits; may be left empty)",
    ),
    "pair_division_says": Sentence(
        "规则对低风险地区可以不查验健康码；不填则按本地区整体风险处理。",
        "Where the risk is low, rules may ask for no code; left empty, the whole region's risk counts.",
    ),
    "pair_offer": Sentence("生成配对链接", "Make a pairing link"),
    "pair_link": Sentence("配对链接（10分钟内一次有效）", "Pairing link (once, within 10 minutes)"),
    "refresh": Sentence("刷新", "Refresh"),
    "read_at": Sentence("读取于", "Read at"),
    # map
    "map_title": Sentence("各省市风险等级", "Risk level of provinces and cities"),
    "map_moment": Sentence("时刻（北京时间，空为现在）", "Moment (Beijing time; empty for now)"),
    "map_now": Sentence("现在", "Now"),
    "map_show": Sentence("显示", "Show"),
    "map_part": Sentence("范围", "Part"),
    "map_country": Sentence("全国", "whole country"),
    "map_by": Sentence("按省或按市", "By province or by city"),
    "map_cities": Sentence("按市", "by city"),
    "map_provinces": Sentence("按省", "by province"),
    "map_same": Sentence("下表内容与地图相同。", "The table below says the same as the map."),
    "map_absent": Sentence("地图没有安装，请看下表。", "The map is not installed here: see the table below."),
    "map_table": Sentence("等级表", "The same as a table"),
    "map_only": Sentence("只看非低风险", "only what is not low"),
    "map_province": Sentence("省级", "Province"),
    "map_city": Sentence("地市", "City"),
    "map_whole": Sentence("全境", "all of it"),
    "map_level": Sentence("等级", "Level"),
    "map_since": Sentence("自", "since"),
    "map_until": Sentence("至", "until"),
    "map_source": Sentence("来源", "Who says so"),
    "map_nothing": Sentence("此时刻没有名单。", "There was no list at this moment."),
    "map_failed": Sentence("没有查到。", "Nothing was found out."),
    "map_find": Sentence("查一个地方", "Look up a place"),
    "map_place": Sentence(
        "行政区划代码，或地区、街道、小区全名的开头",
        "Division number, or how the name of a division, street or community begins",
    ),
    "map_search": Sentence("查询", "Look up"),
    "map_found": Sentence("查到", "Found"),
    "map_not_named": Sentence(
        "当时的名单没有提到它，也没有这样命名的行政区。", "No list named it then, and no division is called so."
    ),
    "risk_low": Sentence("低风险", "low"),
    "risk_medium": Sentence("中风险", "medium"),
    "risk_high": Sentence("高风险", "high"),
    "risk_mixed": Sentence("部分地区高于低风险", "parts above low"),
    "risk_unknown": Sentence("未知", "unknown"),
    "source_official_list": Sentence("国家平台名单", "the national platform's list"),
    "source_case_counts": Sentence(
        "按2020年2月规则由病例数计算", "computed from case counts by the rule of February 2020"
    ),
    **CASE_WORDS,
    **ONE_STOP_WORDS,
    **STATISTICS_WORDS,
    **JOINING_WORDS,
    **REGION_WORDS,
    **REFERENCE_WORDS,
    **RULE_WORDS,
}

PROVINCES: Final[Mapping[str, Sentence]] = {
    **PROVINCE_NAMES,
    CORPS: Sentence(CORPS_NAME, "Production and Construction Corps"),
}
"""What risk areas are told of, by number."""

CHOICES: Final[Mapping[str, Mapping[str, Sentence]]] = {
    "place_kinds": {str(each): said for each, said in PLACE_WORDS.items()},
    "provinces": PROVINCES,
    "directions": {str(each): said for each, said in DIRECTION_WORDS.items()},
    "seen": {str(each): said for each, said in SEEN_WORDS.items()},
    "endings": {str(each): said for each, said in ENDING_WORDS.items()},
    "evidence": {str(each): said for each, said in EVIDENCE_WORDS.items()},
    "demands": {str(each): said for each, said in DEMAND_WORDS.items()},
    "groups": {str(each): said for each, said in GROUP_WORDS.items()},
    "papers": {
        "test:negative": Sentence("核酸检测：阴性", "nucleic acid test: negative"),
        "test:positive": Sentence("核酸检测：阳性", "nucleic acid test: positive"),
        "test:none": Sentence("核酸检测：问过，没有", "nucleic acid test: asked for, none"),
        "antigen:negative": Sentence("抗原检测：阴性", "antigen test: negative"),
        "antigen:positive": Sentence("抗原检测：阳性", "antigen test: positive"),
        "antigen:none": Sentence("抗原检测：问过，没有", "antigen test: asked for, none"),
        "vaccination:partial": Sentence("疫苗：未全程", "vaccination: partial"),
        "vaccination:complete": Sentence("疫苗：全程", "vaccination: complete"),
        "vaccination:boosted": Sentence("疫苗：加强", "vaccination: with booster"),
        "vaccination:none": Sentence("疫苗：问过，没有", "vaccination: asked for, none"),
        "recovery:shown": Sentence("康复证明", "recovery"),
        "recovery:none": Sentence("康复证明：问过，没有", "recovery: asked for, none"),
        "isolation:shown": Sentence("隔离观察证明", "isolation"),
        "isolation:none": Sentence("隔离观察证明：问过，没有", "isolation: asked for, none"),
    },
    "documents": {str(each): said for each, said in DOCUMENT_WORDS.items()},
    "claims": {str(each): CLAIM_WORDS[each] for each in CaseClaim if each in CLAIMS_OF[CaseKind.OBJECTION]},
}

ICONS: Final[Mapping[str, str]] = {
    Outcome.PASS: "M24 4a20 20 0 1 0 0 40a20 20 0 0 0 0-40zM21 34l-10-10 4-4 6 6 12-12 4 4z",
    Outcome.PASS_WITH_MEASURES: "M10 6h20l8 8v28H10zM15 20h18v4H15zM15 28h18v4H15zM15 12h10v4H15z",
    Outcome.REFER: "M24 2l22 22-22 22L2 24zM22 12h4v15h-4zM22 31h4v5h-4z",
    Outcome.STOP: "M15 4h18l11 11v18L33 44H15L4 33V15zM11 20h26v8H11z",
}
"""One path each in a square of 48, so that outcomes differ by shape too: disc, sheet, diamond, octagon."""
