"""``tongxing serve``: run a hub or a gateway as its settings say."""

from typing import Annotated

import typer

from tongxing.api.serving import run_node
from tongxing.app.settings import load_settings
from tongxing.web.building import build_pages


def serve(
    *,
    check: Annotated[bool, typer.Option("--check", help="Check the settings and stop.")] = False,
) -> None:
    """Run a node; its settings are the TONGXING_… environment variables (docs/settings.md)."""
    settings = load_settings()
    if check:
        typer.echo(f"{settings.node} of region {settings.region}: the settings can be used")
        return
    run_node(settings, pages=build_pages(settings))
