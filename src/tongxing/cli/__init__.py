"""The command ``tongxing``: the one door that starts the others; floor 10.

Exit codes: 0 done, or a verdict PASS; 10 PASS_WITH_MEASURES, 11 REFER, 12 STOP (so that no script can
take a verdict for a success); 2 refused (the caller's fault); 3 what was examined does not conform; 4 our own fault.
"""

import sys
from typing import Final

import typer
from rich.console import Console

from tongxing.cli import (
    audit,
    backup,
    codes,
    conform,
    demo,
    dock,
    founding,
    ingest,
    keys,
    pairing,
    proofs,
    reconcile,
    regions,
    retention,
    risk,
    rules,
    serve,
    shutdown,
    simulate,
    sources,
    store,
    transit_pass,
    verify,
)
from tongxing.core.errors import Fault, Refused, Rejected, Undecidable
from tongxing.core.problems import PROBLEMS

EXIT_REFUSED: Final = 2
EXIT_FAULT: Final = 4

app = typer.Typer(
    name="tongxing",
    help="Mutual recognition of regional health codes (一码通行).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("verify")(verify.verify)
app.command("make")(codes.make)
app.command("pair")(pairing.pair)
app.command("demo")(demo.demo)
app.command("simulate")(simulate.simulate)
app.command("ingest")(ingest.ingest)
app.command("reconcile")(reconcile.reconcile)
app.command("conform")(conform.conform)
app.command("shutdown")(shutdown.shutdown)
app.add_typer(founding.hub, name="hub")
app.add_typer(founding.gateway, name="gateway")
app.add_typer(backup.app, name="backup")
app.add_typer(audit.app, name="audit")
app.add_typer(dock.app, name="dock")
app.add_typer(regions.app, name="regions")
app.add_typer(retention.app, name="retention")
app.add_typer(risk.app, name="risk")
app.add_typer(rules.app, name="rules")
app.add_typer(keys.app, name="keys")
app.add_typer(proofs.app, name="proofs")
app.add_typer(sources.app, name="sources")
app.add_typer(transit_pass.app, name="transit-pass")
app.add_typer(store.app, name="store")


def main() -> None:
    """Run the command line; every error that is raised on purpose becomes a sentence and an exit code."""
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        app()
    except Refused as refused:
        errors.print(f"refused: {PROBLEMS[refused.problem].title.en}: {refused.detail}", markup=False)
        sys.exit(EXIT_REFUSED)
    except (Rejected, Undecidable) as why:
        errors.print(f"refused: {why.reason}: {why.detail}", markup=False)
        sys.exit(EXIT_REFUSED)
    except Fault as fault:
        errors.print(f"fault: {fault}", markup=False)
        sys.exit(EXIT_FAULT)
