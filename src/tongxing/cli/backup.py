"""``tongxing backup``: the catalogue of copies of the record, so that what is deleted is deleted there, too."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from tongxing.app.records import open_record
from tongxing.app.settings import NodeSettings, load_settings
from tongxing.cli.output import console
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.retention import BACKUP_KEPT_MAX
from tongxing.services.observing import NO_OBSERVER
from tongxing.services.retention import Backup, RetentionStore
from tongxing.stores.sqlite.copying import back_up

app = typer.Typer(help="Copies of the record, and by when each is erased.", no_args_is_help=True)

Days = Annotated[int, typer.Option(min=1, max=BACKUP_KEPT_MAX.days, help="By how many days from now it is erased.")]
Result = TypeVar("Result")


@app.command("make")
def make(
    place: Annotated[Path, typer.Argument(help="New file for the copy.")],
    *,
    days: Days = BACKUP_KEPT_MAX.days,
) -> None:
    """Copy a SQLite record, of a running node too, and note the copy. Settings are the node's TONGXING_… variables."""
    settings = load_settings()
    if settings.record is not None:
        raise Refused(ProblemId.BAD_REQUEST, "PostgreSQL has tools of its own (pg_basebackup): then `backup note` it")
    whole = place.absolute()
    # Noted first: a copy that is in no catalogue would outlive what is deleted.
    _note(settings, str(whole), days)
    back_up(settings.database, whole)
    console.print(f"copied: {whole}", markup=False)


@app.command("note")
def note(
    place: Annotated[str, typer.Argument(help="Where the copy is, as you will know it again.")],
    *,
    days: Days = BACKUP_KEPT_MAX.days,
) -> None:
    """Note a copy of the record that was made by other means."""
    _note(load_settings(), place, days)


@app.command("list")
def show() -> None:
    """List the copies, whichever ends first at first."""
    now = datetime.now(UTC)
    for backup in _with_catalogue(load_settings(), lambda catalogue: catalogue.backups()):
        late = " PAST ITS END" if backup.ends_at <= now else ""
        console.print(
            f"{backup.place}: made {backup.made_at:%F %H:%M}Z, ends {backup.ends_at:%F %H:%M}Z{late}", markup=False
        )


@app.command("erase")
def erase(
    places: Annotated[list[str] | None, typer.Argument(help="Which; none with --ended or --all.")] = None,
    *,
    ended: Annotated[bool, typer.Option("--ended", help="Those past their end.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="All, as before a shutdown.")] = False,
    gone: Annotated[bool, typer.Option("--gone", help="What is no file here was erased by its operator.")] = False,
) -> None:
    """Erase copies and take them out of the catalogue; what is no file here is taken out upon your word alone."""

    async def erase_all(catalogue: RetentionStore) -> list[str]:
        now, kept = datetime.now(UTC), []
        for backup in await catalogue.backups():
            if not (everything or backup.place in (places or ()) or (ended and backup.ends_at <= now)):
                continue
            if not _erase_file(Path(backup.place)) and not gone:
                kept.append(backup.place)
                continue
            await catalogue.forget_backup(backup.place)
            await catalogue.note_deleted("backups", 1)
            console.print(f"erased: {backup.place}", markup=False)
        return kept

    kept = _with_catalogue(load_settings(), erase_all)
    if kept:
        raise Refused(ProblemId.CONFLICT, f"no file here, erase them where they are and say --gone: {', '.join(kept)}")


def _erase_file(file: Path) -> bool:
    """Erase a copy; False where there is none. Raises ``Refused(BAD_REQUEST)``."""
    try:
        if file.is_file():
            file.unlink()
            return True
    except OSError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{file}: {error.strerror}") from error
    return False


def _note(settings: NodeSettings, place: str, days: int) -> None:
    now = datetime.now(UTC)
    _with_catalogue(settings, lambda catalogue: catalogue.note_backup(Backup(place, now, now + timedelta(days=days))))
    console.print(f"noted: {place}, to be erased within {days} days", markup=False)


def _with_catalogue(settings: NodeSettings, use: Callable[[RetentionStore], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with AsyncExitStack() as stack:
            stores = await open_record(settings.model_copy(update={"index": ()}), NO_OBSERVER, stack)
            return await use(stores.retention)

    return asyncio.run(run())
