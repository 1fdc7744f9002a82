"""``tongxing rules``: rule tables, and what they cost people."""

import typer

from tongxing.cli import dry_run

app = typer.Typer(help="Rule tables.", no_args_is_help=True)
app.command("dry-run")(dry_run.dry_run)


@app.callback()
def rules() -> None:
    """Rule tables."""
