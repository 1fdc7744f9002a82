"""``tongxing audit``: who has looked at people and what for, and whether the public log of digests is whole."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer

from tongxing.app.key_files import parse_public_text
from tongxing.app.settings import check_origin
from tongxing.app.system import SystemClock, system_entropy
from tongxing.cli.calling import calling_node
from tongxing.cli.output import console, print_json
from tongxing.connectors.digest_log import HttpDigestLog
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import Language
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.services.digest_log import LOG_KEPT, audit_day
from tongxing.wire.digest_log import LogHead

app = typer.Typer(help="For auditors: counts and proofs, nothing of any person.", no_args_is_help=True)

_READ_SECONDS: Final = 30.0


@app.command("looks")
def looks(
    node: Annotated[str, typer.Option(help="address of the hub (all regions' looks) or of a gateway (its own)")],
    key: Annotated[Path, typer.Option(help="key file of one of its operators")],
    days: Annotated[int, typer.Option(min=1, help="of so many days")] = 7,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON document")] = False,
    lang: Annotated[Language, typer.Option(help="language of the words")] = Language.ZH,
) -> None:
    """Say which keys looked at people, how often, at how many and what for; never at whom."""

    async def ask() -> dict[str, Any]:
        async with calling_node(node, key) as caller:
            return await caller.look_counts(days)

    told = asyncio.run(ask())
    if as_json:
        print_json(told)
        return
    for each in told["counts"]:
        words = each["purpose_words"][lang.value]
        counted = f"{each['looks']:,} looks at {each['people']:,} people"
        console.print(f"{each['region']} {each['looker']}: {counted}, {words} ({each['ground']})", markup=False)
    total = sum(int(each["looks"]) for each in told["counts"])
    more = "" if told["is_whole"] else "; only the first 1,000 rows"
    console.print(f"{total:,} looks since {told['since']}{more}", markup=False)


@app.command("log")
def log(
    hub: Annotated[str, typer.Option(help="address of the hub")],
    key: Annotated[str, typer.Option(help="the hub's statement key, as EdDSA:<hex>; it stands in the directory")],
    days: Annotated[int, typer.Option(min=1, max=LOG_KEPT.days, help="of so many days, today the last")] = 7,
) -> None:
    """Read the public log of digests as anybody can, and check that each day folds to the head that the hub signed."""
    today = beijing_day(datetime.now(UTC))
    each = [today - timedelta(days=back) for back in reversed(range(days))]
    for head in asyncio.run(_audit(hub, parse_public_text(key), each)):
        console.print(f"{head.day}: {head.count:,} digests, whole, head {head.head.hex()}", markup=False)


async def _audit(hub: str, key: PublicKey, days: list[date]) -> list[LogHead]:
    try:
        origin = check_origin(hub)
    except ValueError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{hub[:80]!r}: {error}") from error
    async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
        # The log is open to all: who reads it signs with a key that nobody knows.
        nobody = SigningKey.from_seed(SuiteId.EDDSA, system_entropy(32))
        log = HttpDigestLog(SignedCaller(client, nobody, SystemClock(), system_entropy), origin)
        return [await audit_day(log, day, key, timeout_seconds=_READ_SECONDS) for day in days]
