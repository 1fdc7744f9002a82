"""Mint: from what a national code is to say to the text that is drawn (docs/specs/national-code.md).

A code is made anew at each display with a new credential id and extension token, so that two scans
share no stable bytes. The token is durable before the code is handed out: whoever scans it can
exchange it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from tongxing.core.limits import NATIONAL_CODE_LIFE
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.sealing import SymmetricKey
from tongxing.services.ports import Entropy, Extension, ExtensionStore
from tongxing.wire.national_code import SEALED_BYTES, NationalCodeClaims, encode_national_code
from tongxing.wire.sealed_part import SealedContent, seal_content


@dataclass(frozen=True, slots=True)
class MadeCode:
    """A national code to draw and when it ends."""

    qr_text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CodeMinter:
    """Signs national codes of one issuer. ``verifier_key_on`` returns the verifier key of a UTC day."""

    issuer: RegionId
    key: SigningKey
    verifier_key_on: Callable[[date], SymmetricKey]
    extensions: ExtensionStore
    entropy: Entropy

    async def mint(
        self, subject: SubjectKey, content: SealedContent, at: datetime, valid_until: datetime | None
    ) -> MadeCode:
        """Return a code that says ``content`` from now on for ``NATIONAL_CODE_LIFE``.

        It ends with the report that it tells of, which is valid until ``valid_until``, if that ends before.
        """
        credential_id, token = self.entropy(16), self.entropy(16)
        expires_at = at + NATIONAL_CODE_LIFE if valid_until is None else min(at + NATIONAL_CODE_LIFE, valid_until)
        claims = NationalCodeClaims(
            issuer=self.issuer,
            credential_id=credential_id,
            issued_at=int(at.timestamp()),
            expires_at=int(expires_at.timestamp()),
            extension_token=token,
            sealed=bytes(SEALED_BYTES),
        )
        claims = seal_content(claims, content, self.verifier_key_on(at.astimezone(UTC).date()).seal)
        public = self.key.public
        qr_text = encode_national_code(claims, alg=public.cose_alg, kid=public.kid, sign=self.key.sign)
        await self.extensions.save(Extension(sha256(token), subject, credential_id, expires_at))
        return MadeCode(qr_text, expires_at)
