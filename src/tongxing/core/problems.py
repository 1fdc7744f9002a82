"""Problems: what an API caller or operator is told (RFC 9457). A closed table; apart from reasons."""

from dataclasses import dataclass
from enum import StrEnum

from tongxing.core.words import Sentence


class ProblemId(StrEnum):
    """The slug of a problem: the last part of its ``type`` URI (``urn:tongxing:problem:<slug>``)."""

    BAD_REQUEST = "bad-request"
    BODY_TOO_LARGE = "body-too-large"
    UNAUTHENTICATED = "unauthenticated"
    SIGNATURE_INVALID = "signature-invalid"
    CLOCK_SKEW = "clock-skew"
    NONCE_REPLAYED = "nonce-replayed"
    SESSION_ENDED = "session-ended"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    REQUEST_TOO_SLOW = "request-too-slow"
    HEADERS_TOO_LARGE = "headers-too-large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    CONFLICT = "conflict"
    TICKET_UNUSABLE = "ticket-unusable"
    BUNDLE_REFUSED = "bundle-refused"
    RULES_REFUSED = "rules-refused"
    NOTICE_TOO_SHORT = "notice-too-short"
    PROFILE_REFUSED = "profile-refused"
    RISK_LIST_REFUSED = "risk-list-refused"
    SETTINGS_REFUSED = "settings-refused"
    CODE_NOT_CONFIRMED = "code-not-confirmed"
    LIMITED = "limited"
    CONSENT_NEEDED = "consent-needed"
    NOT_CONVERTED = "not-converted"
    WAY_NOT_USED = "way-not-used"
    SIGN_IN_REFUSED = "sign-in-refused"
    CROSS_SITE = "cross-site"
    OVERLOADED = "overloaded"
    UPSTREAM_AWAY = "upstream-away"
    STORE_FULL = "store-full"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Problem:
    """One row: the HTTP status and the title."""

    status: int
    title: Sentence


PROBLEMS: dict[ProblemId, Problem] = {
    ProblemId.BAD_REQUEST: Problem(400, Sentence("请求格式有误", "The request is not well-formed")),
    ProblemId.BODY_TOO_LARGE: Problem(413, Sentence("请求过大", "The request is too large")),
    ProblemId.UNAUTHENTICATED: Problem(401, Sentence("请求未签名或密钥未登记", "The request is not signed by an enrolled key")),
    ProblemId.SIGNATURE_INVALID: Problem(401, Sentence("请求签名不符", "The request's signature does not fit")),
    ProblemId.CLOCK_SKEW: Problem(401, Sentence("请求的签名时间偏差过大", "The request was signed too long ago or in the future")),
    ProblemId.NONCE_REPLAYED: Problem(401, Sentence("请求是重放", "The request was sent before")),
    ProblemId.SESSION_ENDED: Problem(401, Sentence("会话已结束", "The session has ended")),
    ProblemId.FORBIDDEN: Problem(403, Sentence("该角色不得使用此接口", "This role may not use this call")),
    ProblemId.NOT_FOUND: Problem(404, Sentence("不存在", "There is no such thing")),
    ProblemId.METHOD_NOT_ALLOWED: Problem(405, Sentence("不支持的方法", "This method is not supported here")),
    ProblemId.REQUEST_TOO_SLOW: Problem(408, Sentence("请求传送过慢", "The request came too slowly")),
    ProblemId.HEADERS_TOO_LARGE: Problem(431, Sentence("请求头过大", "The request's headers are too large")),
    ProblemId.UNSUPPORTED_MEDIA_TYPE: Problem(415, Sentence("不支持的内容类型", "This kind of content is not supported here")),
    ProblemId.CONFLICT: Problem(409, Sentence("与现有内容冲突", "This conflicts with what is held")),
    ProblemId.TICKET_UNUSABLE: Problem(409, Sentence("凭单已用、过期或不存在", "The ticket is used, expired or unknown")),
    ProblemId.BUNDLE_REFUSED: Problem(422, Sentence("资料包被拒绝", "The bundle was refused")),
    ProblemId.RULES_REFUSED: Problem(422, Sentence("规则表被拒绝", "The rule table was refused")),
    ProblemId.NOTICE_TOO_SHORT: Problem(422, Sentence("公示期不足", "The public was not told long enough before")),
    ProblemId.PROFILE_REFUSED: Problem(422, Sentence("地区档案被拒绝", "The profile was refused")),
    ProblemId.RISK_LIST_REFUSED: Problem(422, Sentence("风险名单被拒绝", "The risk list was refused")),
    ProblemId.SETTINGS_REFUSED: Problem(422, Sentence("设置被拒绝", "The settings were refused")),
    ProblemId.CODE_NOT_CONFIRMED: Problem(422, Sentence("所出示的码不能确认", "The presented code cannot be confirmed")),
    ProblemId.LIMITED: Problem(429, Sentence("查询次数已达上限", "The limit of queries has been reached")),
    ProblemId.CONSENT_NEEDED: Problem(403, Sentence("需要本人同意或在场", "The person's consent or presence is needed")),
    ProblemId.NOT_CONVERTED: Problem(422, Sentence("不能转换", "The code cannot be converted")),
    ProblemId.WAY_NOT_USED: Problem(403, Sentence("该地区未采用此互认方式", "The region does not use this way of recognition")),
    ProblemId.SIGN_IN_REFUSED: Problem(403, Sentence("登录未成功", "The sign-in did not succeed")),
    ProblemId.CROSS_SITE: Problem(403, Sentence("请求并非由本站页面发出", "The request does not come from this site's own page")),
    ProblemId.OVERLOADED: Problem(503, Sentence("暂时繁忙，请稍后再试", "Busy at the moment; try again later")),
    ProblemId.UPSTREAM_AWAY: Problem(503, Sentence("上游暂时不可用", "An upstream service is away")),
    ProblemId.STORE_FULL: Problem(507, Sentence("存储空间已满，未予受理", "There is no room left: nothing was taken in")),
    ProblemId.FAULT: Problem(500, Sentence("系统故障", "The system failed")),
}  # fmt: skip
