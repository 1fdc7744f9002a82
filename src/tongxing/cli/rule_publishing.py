"""``tongxing rules publish|approve|reject``: one operator proposes a rule table at the hub, another decides."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from tongxing.cli.calling import calling_node
from tongxing.cli.files import read_file
from tongxing.cli.output import console, print_json
from tongxing.cli.rule_telling import tell_findings
from tongxing.connectors.node import NodeCaller
from tongxing.core.words import Language
from tongxing.rules.findings import RulesRefused
from tongxing.rules.tables import RULE_TABLE_MAX_BYTES

EXIT_FOUND: Final = 2

Act = Callable[[NodeCaller], Awaitable[dict[str, object]]]

Hub = Annotated[str, typer.Option(help="Address of the hub.")]
Key = Annotated[Path, typer.Option(help="The operator's key file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Lang = Annotated[Language, typer.Option(help="Language of the words.")]
ProposalId = Annotated[str, typer.Argument(help="The proposal's id.")]


def publish(
    file: Annotated[Path, typer.Argument(help="A rule table (TOML).")],
    *,
    hub: Hub,
    key: Key,
    as_json: AsJson = False,
    lang: Lang = Language.ZH,
) -> None:
    """Propose a table; it is proven at once, and in force once another operator has approved it."""
    table = read_file(file, RULE_TABLE_MAX_BYTES)

    _act(hub, key, lang, as_json=as_json, act=lambda caller: caller.propose_rules(table))


def approve(proposal_id: ProposalId, *, hub: Hub, key: Key, as_json: AsJson = False, lang: Lang = Language.ZH) -> None:
    """Approve another operator's proposal; the next bundle carries it."""
    _act(hub, key, lang, as_json=as_json, act=lambda caller: caller.approve_rules(proposal_id))


def reject(
    proposal_id: ProposalId,
    *,
    why: Annotated[str, typer.Option(help="What is wrong with it.")],
    hub: Hub,
    key: Key,
    as_json: AsJson = False,
    lang: Lang = Language.ZH,
) -> None:
    """Reject a proposal, or take one's own back."""
    _act(hub, key, lang, as_json=as_json, act=lambda caller: caller.reject_rules(proposal_id, why))


def _act(hub: str, key: Path, lang: Language, *, as_json: bool, act: Act) -> None:
    async def call() -> dict[str, object]:
        async with calling_node(hub, key) as caller:
            return await act(caller)

    try:
        proposal = asyncio.run(call())
    except RulesRefused as refused:
        tell_findings([(refused.finding.table, (refused.finding,))], lang, as_json=as_json)
        raise typer.Exit(EXIT_FOUND) from refused
    _print(proposal, lang, as_json=as_json)


def _print(proposal: dict[str, object], lang: Language, *, as_json: bool) -> None:
    if as_json:
        print_json(proposal)
        return
    console.print(
        f"{proposal['proposal_id']}: {proposal['state']} ({proposal['file_name']})", style="bold", markup=False
    )
    if proposal["bundle_number"] is not None:
        number = proposal["bundle_number"]
        published = {"zh": f"已随第{number}号资料包发布", "en": f"published in bundle {number}"}
        console.print(published[lang], markup=False)
    notice = proposal["notice"]
    console.print(str(notice[lang]) if isinstance(notice, dict) else "", markup=False)
