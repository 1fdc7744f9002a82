"""Reasons: why a decision came out as it did. One closed table; slugs are never reused.

Each reason belongs to one stage and has a sentence for the guard, one for the citizen, and the next
step for each of them, in both languages. In a citizen's sentence ``{source}`` stands for whose report
decided, which need not be the region that issued the code: ``citizen_sentence`` puts the name in. The guard's sentences hold no cause, no colour and no source (law 8). A
reason with ``alarm`` is told to the operator too (forgery and replay, domain sheet, *Outcomes*).
"""

from typing import Final

from tongxing.core.deciding_reasons import DECIDING_REASONS
from tongxing.core.foreign_reasons import FOREIGN_REASONS
from tongxing.core.next_steps import (
    CONVERT_FIRST,
    HAVE_IT_UPDATED,
    MANUAL_LANE,
    REGISTER,
    RENEW,
    SHOW_AGAIN,
    SHOW_OWN_CODE,
    TRY_AGAIN,
    WAIT_FOR_REVIEW,
)
from tongxing.core.reason_ids import ReasonId, Stage
from tongxing.core.reason_rows import Reason, reason_row
from tongxing.core.words import Sentence

__all__ = [
    "DECIDED_BY_ROW",
    "REASONS",
    "RETIRED",
    "Reason",
    "ReasonId",
    "Stage",
    "citizen_sentence",
    "impersonal_slug",
]


REASONS: dict[ReasonId, Reason] = {
    ReasonId.EMPTY_SCAN: reason_row(
        Stage.READ,
        ("没有扫到任何内容。", "Nothing was scanned."),
        ("没有扫到您的码。", "Your code was not scanned."),
        SHOW_AGAIN,
    ),
    ReasonId.SCAN_TOO_LONG: reason_row(
        Stage.READ,
        ("扫到的内容过长，不是健康码。", "What was scanned is too long to be a health code."),
        ("出示的内容过长，不是健康码。", "What was shown is too long to be a health code."),
        SHOW_AGAIN,
    ),
    ReasonId.NOT_A_CODE: reason_row(
        Stage.READ,
        ("这不是已知的健康码。", "This is not a known kind of health code."),
        ("出示的不是已接入地区的健康码。", "What was shown is not a health code of any region taking part."),
        SHOW_AGAIN,
    ),
    ReasonId.WEB_ADDRESS: reason_row(
        Stage.READ,
        ("这是一个网址，不是健康码；请勿打开。", "This is a web address, not a health code; do not open it."),
        ("出示的二维码是一个网址，不是健康码。", "The QR code shown is a web address, not a health code."),
        SHOW_AGAIN,
    ),
    ReasonId.MALFORMED_CODE: reason_row(
        Stage.READ,
        ("这个码残缺或被改动，无法读取。", "This code is damaged or altered and cannot be read."),
        ("出示的码残缺或被改动，无法读取。", "The code shown is damaged or altered and cannot be read."),
        SHOW_AGAIN,
    ),
    ReasonId.UNSUPPORTED_VERSION: reason_row(
        Stage.READ,
        ("这个码的版本本机不认识。", "This code has a version that this checkpoint does not know."),
        ("您的码的版本此处不认识，请更新应用。", "Your code has a version that is not known here; update the app."),
        MANUAL_LANE,
    ),
    ReasonId.PICTURE_UNREADABLE: reason_row(
        Stage.READ,
        ("图片无法打开。", "The picture cannot be opened."),
        ("图片无法打开。", "The picture cannot be opened."),
        SHOW_AGAIN,
    ),
    ReasonId.PICTURE_TOO_LARGE: reason_row(
        Stage.READ,
        ("图片过大。", "The picture is too large."),
        ("图片过大。", "The picture is too large."),
        SHOW_AGAIN,
    ),
    ReasonId.PICTURE_WITHOUT_CODE: reason_row(
        Stage.READ,
        ("图片中没有找到二维码。", "No QR code was found in the picture."),
        ("图片中没有找到二维码。", "No QR code was found in the picture."),
        SHOW_AGAIN,
    ),
    ReasonId.SEVERAL_CODES: reason_row(
        Stage.READ,
        ("图片中有多个二维码，请一次只出示一个。", "The picture holds several QR codes; show one at a time."),
        ("图片中有多个二维码，请一次只出示一个。", "The picture holds several QR codes; show one at a time."),
        SHOW_AGAIN,
    ),
    ReasonId.UNKNOWN_ISSUER: reason_row(
        Stage.AUTHENTICATE,
        ("签发方不在名录中。", "The issuer of this code is not in the directory."),
        ("签发您的码的单位不在互认名录中。", "Whoever issued your code does not take part in mutual recognition."),
        MANUAL_LANE,
    ),
    ReasonId.ISSUER_SUSPENDED: reason_row(
        Stage.AUTHENTICATE,
        ("签发方目前暂停互认。", "The issuer of this code is suspended at present."),
        ("签发您的码的地区目前暂停互认。", "The region that issued your code is suspended at present."),
        MANUAL_LANE,
    ),
    ReasonId.UNKNOWN_KEY: reason_row(
        Stage.AUTHENTICATE,
        ("签发密钥不在名录中。", "The key that signed this code is not in the directory."),
        ("签发您的码的密钥不在名录中。", "The key that signed your code is not in the directory."),
        SHOW_AGAIN,
        alarm=True,
    ),
    ReasonId.ALGORITHM_REFUSED: reason_row(
        Stage.AUTHENTICATE,
        ("签名算法不被接受。", "The signature algorithm of this code is not accepted."),
        ("您的码的签名算法不被接受。", "The signature algorithm of your code is not accepted."),
        MANUAL_LANE,
        alarm=True,
    ),
    ReasonId.SIGNATURE_INVALID: reason_row(
        Stage.AUTHENTICATE,
        ("签名不符：这个码被改动过或是伪造的。", "The signature does not fit: this code was altered or forged."),
        ("出示的码签名不符，可能被改动过。", "The signature of the code shown does not fit; it may have been altered."),
        SHOW_AGAIN,
        alarm=True,
    ),
    ReasonId.CODE_EXPIRED: reason_row(
        Stage.TIME,
        ("这个码已过显示时限（与健康无关）。", "This code is past its display time (this says nothing of health)."),
        ("您出示的码已过显示时限，可能是截图；请刷新。", "The code you showed is past its display time, perhaps a screenshot; refresh it."),
        SHOW_AGAIN,
    ),
    ReasonId.CODE_NOT_YET_VALID: reason_row(
        Stage.TIME,
        ("这个码的签发时间在将来，请核对时钟。", "This code was issued in the future; check the clocks."),
        ("您的码的签发时间在将来。", "Your code says that it was issued in the future."),
        SHOW_AGAIN,
    ),
    ReasonId.CODE_LIFE_TOO_LONG: reason_row(
        Stage.TIME,
        ("这个码自称的有效期超过允许的时限。", "This code claims a longer life than codes may have."),
        ("您的码自称的有效期超过允许的时限。", "Your code claims a longer life than codes may have."),
        SHOW_AGAIN,
        alarm=True,
    ),
    ReasonId.TRANSIT_EXPIRED: reason_row(
        Stage.TIME,
        ("通行证已过有效期（与健康无关）。", "This transit pass has ended (this says nothing of health)."),
        ("您的货运通行证已过有效期，请申领新证。", "Your transit pass has ended; apply for a new one."),
        SHOW_OWN_CODE,
    ),
    ReasonId.TRANSIT_NOT_YET_VALID: reason_row(
        Stage.TIME,
        ("通行证尚未生效。", "This transit pass is not valid yet."),
        ("您的货运通行证尚未生效，请看证上的起始时间。", "Your transit pass is not valid yet; see when it begins."),
        SHOW_OWN_CODE,
    ),
    ReasonId.TRANSIT_LIFE_TOO_LONG: reason_row(
        Stage.TIME,
        ("通行证自称的有效期超过72小时。", "This transit pass claims to be valid for more than 72 hours."),
        ("您的货运通行证自称的有效期超过72小时。", "Your transit pass claims to be valid for more than 72 hours."),
        SHOW_OWN_CODE,
        alarm=True,
    ),
    ReasonId.BUNDLE_TOO_OLD: reason_row(
        Stage.TIME,
        ("本机的核验资料过旧，不能判定。", "The reference data of this checkpoint are too old to decide."),
        ("检查点的核验资料过旧，与您无关。", "The checkpoint's reference data are too old; this is not about you."),
        MANUAL_LANE,
    ),
    ReasonId.BUNDLE_FROM_THE_FUTURE: reason_row(
        Stage.TIME,
        ("本机的核验资料签发时间在将来：请核对时钟。", "This checkpoint's reference data were issued in the future: check its clock."),
        ("检查点的时钟或资料有误，与您无关。", "The checkpoint's clock or data are wrong; this is not about you."),
        MANUAL_LANE,
    ),
    ReasonId.VERIFIER_KEY_MISSING: reason_row(
        Stage.STATUS,
        ("本机没有当日核验密钥，读不出这个码的密封部分。", "This checkpoint lacks the day's verifier key for the sealed part."),
        ("检查点缺少当日核验密钥，与您无关。", "The checkpoint lacks the day's verifier key; this is not about you."),
        MANUAL_LANE,
    ),
    ReasonId.TRANSIT_OFF_ROUTE: reason_row(
        Stage.STATUS,
        ("本地不在这张通行证的路线上。", "This region is not on the route of this transit pass."),
        ("此地不在您的货运通行证的路线上，与您的健康无关。", "This region is not on the route of your transit pass; this says nothing of your health."),
        SHOW_OWN_CODE,
    ),
    ReasonId.TRANSIT_WITHDRAWN: reason_row(
        Stage.STATUS,
        ("签发地区已收回这张通行证。", "The issuing region has withdrawn this transit pass."),
        ("您所属地区已收回您的货运通行证，请向其了解原因。", "Your region has withdrawn your transit pass; ask it why."),
        SHOW_OWN_CODE,
    ),
    ReasonId.SEALED_PART_UNREADABLE: reason_row(
        Stage.STATUS,
        ("这个码的密封部分无法读取。", "The sealed part of this code cannot be read."),
        ("您的码的密封部分无法读取，请刷新。", "The sealed part of your code cannot be read; refresh it."),
        SHOW_AGAIN,
    ),
    ReasonId.TICKET_UNKNOWN: reason_row(
        Stage.STATUS,
        ("这个码不在签发地区的记录中。", "The issuing region does not know this code."),
        ("您所属地区查不到出示的码，请刷新。", "Your region does not know the code shown; refresh it."),
        SHOW_AGAIN,
    ),
    ReasonId.TICKET_EXPIRED: reason_row(
        Stage.STATUS,
        ("这个码已过核验时限。", "The time for checking this code has run out."),
        ("出示的码已过核验时限，请刷新。", "The time for checking the code shown has run out; refresh it."),
        SHOW_AGAIN,
    ),
    ReasonId.TICKET_USED: reason_row(
        Stage.STATUS,
        ("这个一次性的码已经核验过。", "This one-time code has been checked already."),
        ("出示的一次性码已在别处核验过；若不是您本人所为，请告知所属地区。", "The one-time code shown was checked already; if that was not you, tell your region."),
        SHOW_AGAIN,
        alarm=True,
    ),
    ReasonId.GATEWAY_AWAY: reason_row(
        Stage.STATUS,
        ("联系不上签发地区。", "The issuing region cannot be reached."),
        ("检查点联系不上您所属地区，与您的健康无关。", "The checkpoint could not reach your region; this says nothing of your health."),
        TRY_AGAIN,
    ),
    ReasonId.GATEWAY_SLOW: reason_row(
        Stage.STATUS,
        ("签发地区没有按时答复。", "The issuing region did not answer in time."),
        ("您所属地区没有按时答复，与您的健康无关。", "Your region did not answer in time; this says nothing of your health."),
        TRY_AGAIN,
    ),
    ReasonId.HUB_AWAY: reason_row(
        Stage.STATUS,
        ("联系不上全国平台，暂不能凭证件查询。", "The federation cannot be reached, so nobody can be looked up by a document now."),
        ("检查点联系不上全国平台，不能凭证件查询，与您的健康无关。", "The checkpoint could not reach the federation to look you up; this says nothing of your health."),
        MANUAL_LANE,
    ),
    ReasonId.SOURCE_AWAY: reason_row(
        Stage.STATUS,
        ("签发地区的健康码系统中断。", "The issuing region's health-code system is down."),
        ("您所属地区的健康码系统中断，与您的健康无关。", "Your region's health-code system is down; this says nothing of your health."),
        TRY_AGAIN,
    ),
    ReasonId.SOURCE_SLOW: reason_row(
        Stage.STATUS,
        ("签发地区的健康码系统没有按时答复。", "The issuing region's health-code system did not answer in time."),
        ("您所属地区的健康码系统没有按时答复，与您的健康无关。", "Your region's health-code system did not answer in time; this says nothing of your health."),
        TRY_AGAIN,
    ),
    ReasonId.SOURCE_UNREADABLE: reason_row(
        Stage.STATUS,
        ("签发地区的健康码系统答复无法读取。", "The issuing region's health-code system gave an answer that cannot be read."),
        ("您所属地区的健康码系统答复无法读取，与您的健康无关。", "Your region's health-code system gave an unreadable answer; this says nothing of your health."),
        TRY_AGAIN,
    ),
    ReasonId.SOURCE_REFUSED: reason_row(
        Stage.STATUS,
        ("签发地区的健康码系统拒绝了查询。", "The issuing region's health-code system refused the query."),
        ("您所属地区的健康码系统拒绝了查询。", "Your region's health-code system refused the query."),
        MANUAL_LANE,
    ),
    ReasonId.OTHER_PERSONS_RECORD: reason_row(
        Stage.STATUS,
        ("签发地区答复的记录与所出示的码不是同一人，不予采用。", "The issuing region answered with a record that does not belong to this code; it was not used."),
        ("您所属地区答复了他人的记录，未予采用；请向其反映。", "Your region answered with another person's record; it was not used. Please report this to it."),
        MANUAL_LANE,
        alarm=True,
    ),
    ReasonId.STATEMENT_FORGED: reason_row(
        Stage.STATUS,
        ("签发地区的答复签名不符，不予采用。", "The answer in the issuing region's name has a signature that does not fit; it was not used."),
        ("以您所属地区名义的答复签名不符，未予采用。", "An answer in your region's name had a signature that does not fit; it was not used."),
        MANUAL_LANE,
        alarm=True,
    ),
    ReasonId.STATEMENT_KEY_UNKNOWN: reason_row(
        Stage.STATUS,
        ("签发地区的答复所用密钥不在本机名录中，不予采用。", "The issuing region's answer was signed by a key that is not in this checkpoint's directory; it was not used."),
        ("您所属地区的答复所用密钥检查点尚不认识，与您的健康无关。", "Your region answered with a key that the checkpoint does not know; this says nothing of your health."),
        MANUAL_LANE,
    ),
    ReasonId.STATEMENT_OUT_OF_TIME: reason_row(
        Stage.STATUS,
        ("签发地区的答复不在时限之内，不予采用；请核对时钟。", "The issuing region's answer is not of this moment; it was not used. Check the clocks."),
        ("您所属地区的答复不在时限之内，与您的健康无关。", "Your region's answer is not of this moment; this says nothing of your health."),
        TRY_AGAIN,
    ),
    ReasonId.STATEMENT_FOR_ANOTHER_QUERY: reason_row(
        Stage.STATUS,
        ("签发地区的答复是给另一次查询的，不予采用。", "The issuing region's answer was made for another query; it was not used."),
        ("检查点收到的答复是给另一次查询的，未予采用。", "The checkpoint got an answer made for another query; it was not used."),
        MANUAL_LANE,
        alarm=True,
    ),
    ReasonId.CARRY_ACROSS: reason_row(
        Stage.STATUS,
        ("港澳与内地之间不传个人数据，此码不能向签发地查询。", "No personal data cross the border of Hong Kong and Macao, so the issuer of this code cannot be asked."),
        ("港澳与内地之间不传个人数据，检查点未能查询您的码，与您的健康无关。", "No personal data cross the border of Hong Kong and Macao, so the checkpoint could not ask about your code; this says nothing of your health."),
        CONVERT_FIRST,
    ),
    ReasonId.STATUS_UNKNOWN: reason_row(
        Stage.TRANSLATE,
        ("签发地区答复了未登记的状态。", "The issuing region answered with a status that is not in its profile."),
        ("您所属地区答复了未登记的状态，无法换算。", "Your region answered with a status that is not in its profile, so it cannot be converted."),
        MANUAL_LANE,
    ),
    ReasonId.REPORT_EXPIRED: reason_row(
        Stage.TRANSLATE,
        ("其健康登记已到期（不代表患病），续报后可再次出示。", "The health registration has run out (this does not mean illness); once renewed, the code can be shown again."),
        ("您的健康登记已到期，这不说明健康有异常；在所属地区的健康码中重新登记一次即可更新。", "Your health registration has run out; this says nothing of your health. Register once more in your region's health code to renew it."),
        RENEW,
    ),
    ReasonId.REPORT_PENDING: reason_row(
        Stage.TRANSLATE,
        ("其健康码尚在审核中。", "The code is still being issued or reviewed."),
        ("您的健康码尚在审核中，所属地区还没有给出结论。", "Your code is still being reviewed; your region has not decided yet."),
        WAIT_FOR_REVIEW,
    ),
    ReasonId.NO_RECORD: reason_row(
        Stage.TRANSLATE,
        ("签发地区没有此人的记录。", "The issuing region has no record of this person."),
        ("您所属地区没有您的记录：没有人评估过，既非正常也非异常。", "Your region has no record of you: nobody has assessed you, which is neither good nor bad."),
        REGISTER,
    ),
    ReasonId.IDENTITY_MISMATCH: reason_row(
        Stage.TRANSLATE,
        ("此人的身份信息在签发地区对不上。", "The person's identity data do not match at the issuing region."),
        ("您的身份信息在所属地区对不上，请在其应用中更正。", "Your identity data do not match at your region; correct them in its app."),
        REGISTER,
    ),
    ReasonId.EARLIER_REPORT_UNRESOLVED: reason_row(
        Stage.COMBINE,
        ("有一份较早的报告尚未了结，不能确认。", "An earlier report has not been resolved, so this cannot be confirmed."),
        ("{source}较早的报告尚未解除或无法查到，须由其更新。", "An earlier report of {source} was never cleared or cannot be reached; it has to be updated there."),
        HAVE_IT_UPDATED,
    ),
    **FOREIGN_REASONS,
    **DECIDING_REASONS,
}  # fmt: skip


def citizen_sentence(reason: ReasonId, source: Sentence | None = None) -> Sentence:
    """Return what the citizen is told of ``reason``; ``source`` is whose report decided, None where it is not known."""
    return REASONS[reason].citizen.naming(source)


DECIDED_BY_ROW: Final = "decided_by_row"


def impersonal_slug(reason: ReasonId) -> str:
    """Return the slug under which logs and metrics count a reason.

    What a row decided on would tell a level or an origin (law 8), so all such reasons count as one.
    """
    return DECIDED_BY_ROW if REASONS[reason].stage is Stage.DECIDE else reason.value


RETIRED: frozenset[str] = frozenset()
"""Slugs that once stood in the table and must never come back with another meaning."""
