"""Settings of a node, from environment variables ``TONGXING_…``: read once, checked whole, frozen.

Whatever is wrong is told by the setting's name, never by its value, which may be a secret. A
``TONGXING_`` variable that is no setting is refused: a misspelt one would silently not count.
"""

import os
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from tongxing.app.key_files import parse_public_text
from tongxing.core.datasets import DATASETS, Dataset
from tongxing.core.errors import Refused
from tongxing.core.evidence import AUTHORITY_KINDS
from tongxing.core.limits import ANSWER_TARGET_SECONDS, REQUESTS_IN_FLIGHT_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.keys import PublicKey
from tongxing.stores.postgres.faults import check_address

PREFIX: Final = "TONGXING_"
_Digits = Annotated[str, StringConstraints(pattern="^([0-9]{2}|[0-9]{4})$")]


class NodeKind(StrEnum):
    """What a process is."""

    HUB = "hub"
    GATEWAY = "gateway"


class NodeSettings(BaseSettings):
    """Everything that a node is told from outside."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    node: NodeKind = Field(description="`hub` or `gateway`")
    region: _Digits = Field(default=FEDERATION, description="GB/T 2260 number of a gateway's region; `00` for the hub")
    state_dir: Path = Field(description="folder of the node's own files: its database `node.sqlite`")
    record: SecretStr | None = Field(
        default=None,
        description="address of a PostgreSQL database that holds the node's record instead of `node.sqlite`, as "
        "`postgresql://user@host/database`; it must exist, and be this node's alone",
    )
    index: tuple[str, ...] = Field(
        default=(),
        description="JSON list of some nodes of a Valkey Cluster (or Redis 7 and newer), as "
        '`["valkey://127.0.0.1:7001"]`: a hot index of reports, tickets and limits before the record, which may be '
        "lost at any moment; none: every read asks the record",
    )
    index_password: SecretStr | None = Field(default=None, description="password of that cluster")
    keys_dir: Path = Field(description="folder of the node's key files, as `tongxing keys new` makes them")
    listen_host: str = Field(default="127.0.0.1", description="address to listen on")
    listen_port: int = Field(default=8000, ge=1, le=65_535, description="port to listen on")
    public_urls: tuple[str, ...] = Field(
        description='JSON list of the addresses at which callers reach this node, as `["http://127.0.0.1:8000"]`; '
        "signatures made for any other address are refused"
    )
    roots: tuple[str, ...] = Field(
        default=(), description='JSON list of the keys that may sign bundles, as `["EdDSA:<hex>"]`; needed by a gateway'
    )
    hub_url: str | None = Field(default=None, description="address of the hub; needed by a gateway")
    back_end_url: str | None = Field(
        default=None, description="address of the region's own system; needed by a gateway"
    )
    back_end_headers: dict[str, SecretStr] = Field(
        default_factory=dict, description="JSON object of headers that the back end asks for: its credentials"
    )
    back_end_credentials: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="JSON object of the secrets with which requests to the back end are signed, where its kind asks "
        "for that: `signing_secret` for `signed_numeric`",
    )
    bundle_refresh_seconds: float = Field(
        default=60.0, ge=0.1, le=86_400, description="how often a gateway asks the hub for a newer bundle"
    )
    bundle_reissue_seconds: float = Field(
        default=21_600.0,
        ge=60,
        le=2_592_000,
        description="at what age the hub publishes its bundle anew, with the coming days' verifier keys",
    )
    live_sources: dict[Dataset, str] = Field(
        default_factory=dict,
        description="JSON object of the addresses of datasets' owners who answer live, by dataset, as "
        '`{"tests": "https://tests.example"}`; for the hub',
    )
    identity_issuer: str | None = Field(
        None, description="issuer of the region's identity provider (OpenID Connect); unset: citizens cannot sign in"
    )
    identity_client_id: str | None = Field(None, description="by which the identity provider knows this gateway")
    identity_client_secret: SecretStr | None = Field(None, description="the secret that goes with it")
    family_members_max: int = Field(4, ge=0, le=16, description="so many members a citizen can bind; Beijing has 4")
    requests_in_flight_max: int = Field(
        default=REQUESTS_IN_FLIGHT_MAX, ge=1, le=100_000, description="requests worked on at once; more are turned away"
    )
    answer_target_ms: float = Field(
        default=1000 * ANSWER_TARGET_SECONDS,
        ge=1,
        le=10_000,
        description="where most answers take longer and this process has no idle moment, fewer requests are worked "
        "on at once",
    )

    @field_validator("public_urls")
    @classmethod
    def _check_public_urls(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        if not urls:
            raise ValueError("at least one address is needed")
        return tuple(check_origin(url) for url in urls)

    @field_validator("hub_url", "back_end_url")
    @classmethod
    def _check_url(cls, url: str | None) -> str | None:
        return None if url is None else check_origin(url)

    @field_validator("live_sources")
    @classmethod
    def _check_live_sources(cls, addresses: dict[Dataset, str]) -> dict[Dataset, str]:
        for dataset in addresses:
            if not DATASETS[dataset].kinds & AUTHORITY_KINDS:
                raise ValueError(f"{dataset}: no owner of its evidence can be asked")
        return {dataset: check_origin(url) for dataset, url in addresses.items()}

    @field_validator("record")
    @classmethod
    def _check_record(cls, record: SecretStr | None) -> SecretStr | None:
        if record is not None:
            check_address(record.get_secret_value())
        return record

    @field_validator("index")
    @classmethod
    def _check_index(cls, nodes: tuple[str, ...]) -> tuple[str, ...]:
        for node in nodes:
            parse_index_node(node)
        return nodes

    @field_validator("identity_issuer")
    @classmethod
    def _check_issuer(cls, url: str | None) -> str | None:
        # An issuer is compared as it is written (OpenID Connect Discovery 1.0, section 4.3), a path included.
        parts = urlsplit(url or "http://unset")
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise ValueError("an issuer is written as https://host or https://host/path")
        return url

    @field_validator("roots")
    @classmethod
    def _check_roots(cls, roots: tuple[str, ...]) -> tuple[str, ...]:
        for root in roots:
            _parse_root(root)
        return roots

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        if (self.node is NodeKind.HUB) != (self.region == FEDERATION):
            raise ValueError("TONGXING_REGION: the hub's is 00, a gateway's is its own")
        identity = (self.identity_issuer, self.identity_client_id, self.identity_client_secret)
        if len({each is None for each in identity}) > 1:
            named = "TONGXING_IDENTITY_ISSUER, TONGXING_IDENTITY_CLIENT_ID, TONGXING_IDENTITY_CLIENT_SECRET"
            raise ValueError(f"{named}: all or none")
        if self.node is NodeKind.GATEWAY:
            for name in ("roots", "hub_url", "back_end_url"):
                if not getattr(self, name):
                    raise ValueError(f"{_variable(name)}: needed by a gateway")
        return self

    @property
    def region_id(self) -> RegionId:
        """The region, as a word of the federation."""
        return RegionId(self.region)

    @property
    def root_keys(self) -> tuple[PublicKey, ...]:
        """The keys that may sign bundles."""
        return tuple(_parse_root(root) for root in self.roots)

    @property
    def index_nodes(self) -> tuple[tuple[str, int], ...]:
        """Host and port of the nodes of the hot index that are known."""
        return tuple(map(parse_index_node, self.index))

    @property
    def database(self) -> Path:
        """The node's database."""
        return self.state_dir / "node.sqlite"


def parse_index_node(address: str) -> tuple[str, int]:
    """Return host and port; raises ValueError unless it is written as valkey://host:port."""
    parts = urlsplit(address)
    # A port that is no number raises too.
    is_bare = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("valkey", "redis") or not parts.hostname or not parts.port or not is_bare:
        raise ValueError("a node of the index is written as valkey://host:port")
    return parts.hostname, parts.port


def load_settings(beside: Mapping[str, Any] = MappingProxyType({})) -> NodeSettings:
    """Read the settings of this process, and those ``beside`` them, by name without prefix.

    Raises Refused(SETTINGS_REFUSED) naming each that is wrong.
    """
    given = {name.removeprefix(PREFIX).lower() for name in os.environ if name.startswith(PREFIX)}
    unknown = sorted(given - set(NodeSettings.model_fields))
    if unknown:
        raise Refused(ProblemId.SETTINGS_REFUSED, "no such setting: " + ", ".join(map(_variable, unknown)))
    try:
        # Not ``model_validate``: a setting that is no JSON would be told without its name.
        return NodeSettings(**beside)
    except ValidationError as wrong:
        details = [_describe(error) for error in wrong.errors(include_url=False, include_input=False)]
        raise Refused(ProblemId.SETTINGS_REFUSED, "; ".join(details)) from None
    except SettingsError as unreadable:
        # It names the field; its cause quotes the value.
        field = re.search('field "(\\w+)"', str(unreadable))
        name = _variable(field[1]) if field else "a setting"
        raise Refused(ProblemId.SETTINGS_REFUSED, f"{name}: not the JSON that is needed") from None


def _parse_root(text: str) -> PublicKey:
    try:
        return parse_public_text(text)
    except Refused as refused:
        raise ValueError("a key is written as EdDSA:<hex> or ES256:<hex>") from refused


def _describe(error: ErrorDetails) -> str:
    said = error["msg"].removeprefix("Value error, ")
    return f"{_variable(str(error['loc'][0]))}: {said}" if error["loc"] else said


def _variable(name: str) -> str:
    return f"{PREFIX}{name}".upper()


def check_origin(url: str) -> str:
    """Return an address in its one form; raises ValueError unless it is written as http://host:port."""
    parts = urlsplit(url)
    # A port that is no number raises too.
    is_whole = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    if not is_whole or parts.path.strip("/") or parts.query or not url.isascii() or not url.isprintable():
        raise ValueError("an address is written as http://host:port, without a path")
    return f"{parts.scheme}://{parts.netloc.lower()}"
