"""Synthetic callers in each role, with keys that are for tests only, and the requests that they sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes.access_stores import SPRING
from tongxing.core.datasets import Dataset
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.http_signatures import sign_request
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.services.ports import Credential, Role

GUANGXI = RegionId("45")


def insecure_test_key(name: str, suite: SuiteId = SuiteId.EDDSA) -> SigningKey:
    """Return a key that anybody can make again."""
    return SigningKey.from_seed(suite, f"INSECURE_TEST_{name}".encode().ljust(32, b".")[:32])


@dataclass(frozen=True, slots=True)
class TestCaller:
    """One who calls: a key, a role, a region."""

    key: SigningKey
    role: Role
    region: RegionId = GUANGXI

    __test__ = False

    @property
    def key_id(self) -> str:
        return self.key.public.kid.hex()

    def credential(self, valid_until: datetime | None = SPRING + timedelta(days=30)) -> Credential:
        datasets = frozenset({Dataset.TESTS}) if self.role is Role.SOURCE else frozenset()
        label = f"a {self.role}"
        return Credential(self.key_id, self.role, self.key.public, label, self.region, valid_until, datasets=datasets)

    def sign(
        self,
        method: str,
        url: str,
        *,
        created: datetime,
        nonce: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> dict[str, str]:
        """Return all headers of a signed request, with lower-case names."""
        given = dict(headers or {})
        added = sign_request(
            method=method, url=url, headers=given, body=body, key=self.key, created=created, nonce=nonce
        )
        return {name.lower(): value for name, value in {**given, **added}.items()}


CALLERS: dict[Role, TestCaller] = {
    role: TestCaller(insecure_test_key(role.name), role, FEDERATION if role is Role.SOURCE else GUANGXI)
    for role in Role
    if role is not Role.CITIZEN
}
"""One caller for each role that has keys."""

SECOND_OPERATOR = TestCaller(insecure_test_key("SECOND OPERATOR"), Role.OPERATOR)
"""Another operator, whom the first did not enrol."""
