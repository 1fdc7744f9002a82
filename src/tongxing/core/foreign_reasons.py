"""The reasons of foreign codes: why one that was shown is not used. Part of ``core.reasons``.

What they share with codes of the federation (malformed, unknown key, wrong signature …) stands there.
Missing, expired, withdrawn and forged are different answers (law 10).
"""

from typing import Final

from tongxing.core.next_steps import MANUAL_LANE, SHOW_AGAIN, SHOW_CODE_BESIDE
from tongxing.core.reason_ids import ReasonId, Stage
from tongxing.core.reason_rows import Reason, reason_row

FOREIGN_REASONS: Final[dict[ReasonId, Reason]] = {
    ReasonId.FOREIGN_CONTENT: reason_row(
        Stage.READ,
        ("境外证明的内容不合其规范，不能采用。", "The content of the foreign certificate is not as its standard says."),
        ("您的境外证明内容不合其规范。", "The content of your foreign certificate is not as its standard says."),
        MANUAL_LANE,
    ),
    ReasonId.CHUNKS_MISSING: reason_row(
        Stage.READ,
        ("境外证明分为几个二维码，尚未扫全。", "The foreign certificate has several QR codes; not all were scanned."),
        ("您的境外证明分为几个二维码，请全部出示。", "Your foreign certificate has several QR codes; show all of them."),
        SHOW_AGAIN,
    ),
    ReasonId.FOREIGN_CODE_ALONE: reason_row(
        Stage.READ,
        ("这是境外证明，不是健康码，不能单独使用。", "This is a foreign certificate and no health code; it does not serve alone."),
        ("境外证明只证明检测或接种等事实，不能代替健康码。", "A foreign certificate proves facts such as a test; it does not stand for a health code."),
        SHOW_CODE_BESIDE,
    ),
    ReasonId.KEY_USAGE_REFUSED: reason_row(
        Stage.AUTHENTICATE,
        ("签发密钥无权签发这类证明。", "The key may not sign certificates of this kind."),
        ("签发您的证明的密钥无权签发这类证明。", "The key that signed your certificate may not sign this kind."),
        MANUAL_LANE,
    ),
    ReasonId.FOREIGN_EXPIRED: reason_row(
        Stage.TIME,
        ("境外证明已过有效期（与健康无关）。", "The foreign certificate has expired (this says nothing of health)."),
        ("您的境外证明已过有效期。", "Your foreign certificate has expired."),
        MANUAL_LANE,
    ),
    ReasonId.FOREIGN_NOT_ACTIVE: reason_row(
        Stage.TIME,
        ("境外证明尚未生效；请核对时钟。", "The foreign certificate is not valid yet; check the clocks."),
        ("您的境外证明尚未生效。", "Your foreign certificate is not valid yet."),
        MANUAL_LANE,
    ),
    ReasonId.TIME_IMPLAUSIBLE: reason_row(
        Stage.TIME,
        ("境外证明上的时间不合常理，不能采用。", "The times in the foreign certificate cannot be right."),
        ("您的境外证明上的时间不合常理。", "The times in your foreign certificate cannot be right."),
        MANUAL_LANE,
    ),
    ReasonId.FOREIGN_REVOKED: reason_row(
        Stage.STATUS,
        ("境外证明已被签发方撤销。", "The foreign certificate was withdrawn by its issuer."),
        ("您的境外证明已被签发方撤销；请向其查询。", "Your foreign certificate was withdrawn by its issuer; ask there."),
        MANUAL_LANE,
    ),
}  # fmt: skip
