"""The disk under a record is full: writes are refused and told so, nothing acknowledged is lost, and it goes on after.

    python -m tests.faults.full_disk sqlite|postgres --out FILE [--copies 5] [--seed 1] [--mounted]

Runs a federation of its own whose records stand on a file system of some megabytes (tmpfs), mounted in a mount
namespace of this process alone. A large file fills it, and is removed again. ``sqlite`` copies the files under load
before that (``power_loss``); where nothing may be mounted that is all that is done, and it is said.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import msgspec

from tests.faults.counting import REPORTS, count_reports, numbers_in, rows_of, values_of, wait_until
from tests.faults.handed_in import request_key
from tests.faults.load import Docking, answer, pushing_on
from tests.faults.power_loss import Ask, asking, copy_embedded
from tests.faults.result import Result
from tests.faults.supply import Supply
from tests.real_servers import Databases, RunningPostgres, find_postgres
from tongxing.core.errors import Fault
from tongxing.core.words import PlaceKind
from tongxing.simulation.callers import Caller, ProblemAnswered
from tongxing.simulation.federation import Federation, run_federation
from tongxing.simulation.founding import HUB, Grounds, gateway_name
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import GUANGXI, HUBEI, SCENES
from tongxing.simulation.state import claim_state
from tongxing.stores.copying import copy_record
from tongxing.stores.postgres.opening import prepare

GATEWAY: Final = gateway_name(HUBEI)
SMALL_MEGABYTES: Final = 24
ROOM_MEGABYTES: Final = 40
ROWS_A_CALL: Final = 100
CALLS_MAX: Final = 400
REFUSED_CALLS: Final = 3
GOES_ON_SECONDS: Final = 60.0
PROGRAM_SECONDS: Final = 600.0
_ROOT: Final = Path(__file__).parents[2]
_AS_ROOT: Final = ("unshare", "--mount")
_AS_ANYBODY: Final = ("unshare", "--user", "--mount", "--map-current-user", "--keep-caps")
_ROOM_REFUSALS: Final = {"507 store-full", "503 overloaded", "503 upstream-away"}


def run_full_disk(kind: str, copies: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Result:
    """Run this module as a program in a mount namespace of its own, where that may be."""
    within = _AS_ROOT if os.geteuid() == 0 else _AS_ANYBODY
    mounts = ["sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]
    is_mounted = not subprocess.run([*within, *mounts], capture_output=True, check=False).returncode
    not_done = "" if is_mounted else "no file system may be mounted here, neither as root nor in a user namespace"
    if kind == "postgres" and not_done:
        return Result("disk full, PostgreSQL", not_done=not_done)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "result.json"
        command = [sys.executable, "-m", "tests.faults.full_disk", kind, "--out", str(out), "--copies", str(copies)]
        command += ["--seed", str(seed), *(["--mounted"] if is_mounted else [])]
        began = time.monotonic()
        tell(f"a federation on {'a small disk' if is_mounted else 'no disk of its own'}: {kind}")
        subprocess.run([*(within if is_mounted else ()), *command], cwd=_ROOT, check=True, timeout=PROGRAM_SECONDS)
        result = msgspec.json.decode(out.read_bytes(), type=Result)
    result.seconds = time.monotonic() - began
    if not_done:
        result.told.append(("DISK FULL WAS NOT TRIED", not_done))
    return result


@dataclass
class Disk:
    """A federation some of whose records stand on a small disk. ``ask`` asks a node's record, by its name."""

    federation: Federation
    ask: Callable[[str], Ask]
    folders: Mapping[str, Path]
    result: Result
    docking: Docking = field(init=False)

    def __post_init__(self) -> None:
        self.docking = Docking(Supply(self.federation, HUBEI), ROWS_A_CALL)

    def fill(self, whose: str, folder: Path, mend: Callable[[], None] | None = None) -> None:
        """Fill a folder's disk, go on, make room again, and see that all goes on; ``mend`` only if it does not."""
        told: Counter[str] = Counter()
        _fill(folder / "ballast")
        acknowledged = self._dock_until_refused(told, at_hub=whose == HUB)
        self.result.done.append(
            (f"disk of {whose} filled", f"{acknowledged} docking calls acknowledged on a full disk")
        )
        self._look(told, whose)
        (folder / "ballast").unlink()
        again = time.monotonic()
        goes_on = self._goes_on(GOES_ON_SECONDS if mend is None else GOES_ON_SECONDS / 3)
        if not goes_on and mend is not None:
            mend()
            self.result.done.append((f"{whose} started again, since it did not go on by itself", ""))
            goes_on = self._goes_on(GOES_ON_SECONDS)
        self.result.check(goes_on, f"{whose} does not go on though there is room again")
        self.result.told.append((f"{whose}: goes on after there was room again", f"{time.monotonic() - again:.1f} s"))
        refusals = {what.partition(": ")[2] for what in told if what.startswith("refused")}
        self.result.check(refusals <= _ROOM_REFUSALS, f"{whose} full was told as {sorted(refusals)}")
        self.result.told += [(f"{whose} full, {what}", f"{times} times") for what, times in sorted(told.items())]

    def count(self) -> None:
        """Count the region's reports at its gateway and at the hub."""
        reports = self.docking.reports
        wait_until(lambda: reports.acknowledged <= self._held(HUB).keys(), GOES_ON_SECONDS)
        for name in (GATEWAY, HUB):
            self.result.counts.append(count_reports(f"reports, {name}", self._held(name), reports))

    def _held(self, name: str) -> Counter[int]:
        return numbers_in(self.ask(name)(REPORTS, *values_of(HUBEI, self.docking.reports.first)))

    def _dock_until_refused(self, told: Counter[str], *, at_hub: bool) -> int:
        """Dock until calls are refused, or the hub refuses while the gateway goes on; return how many were not."""
        acknowledged = refused = 0
        key = request_key(self.federation, HUBEI)
        with Caller(self.federation.grounds.url(HUB), key, self.federation.clock) as gateway:
            while refused < REFUSED_CALLS and acknowledged < CALLS_MAX:
                problem = _problem_of(self.docking.dock_once)
                acknowledged += not problem
                if at_hub:
                    problem = _problem_of(lambda: gateway.get("/v1/datasets/reports/watermark"))
                if problem:
                    refused += 1
                    told[f"refused: {problem}"] += 1
        self.result.check(refused == REFUSED_CALLS, "nothing was refused: nothing was tried")
        return acknowledged

    def _look(self, told: Counter[str], whose: str) -> None:
        """See what still goes: who only reads, and verdicts at the gates of both regions."""
        federation = self.federation
        for path in ("/healthz", "/readyz"):
            name = HUB if whose not in (GATEWAY, HUB) else whose
            status = httpx.get(federation.grounds.url(name) + path, timeout=30, trust_env=False).status_code
            told[f"{path}: {status}"] += 1
        for region in (HUBEI, GUANGXI):
            device = federation.device(region, PlaceKind.TRAFFIC_GATE)
            for circumstance in (Circumstance.GREEN_LOW_RISK_COUNTY, Circumstance.RED_CONFIRMED):
                shown = federation.show_code(HUBEI, circumstance).qr_text
                try:
                    outcome = str(answer(device, lambda text=shown, by=device: by.scan(text)).guard["outcome"])  # type: ignore[misc]
                except ProblemAnswered as problem:
                    outcome = f"{problem.status} {problem.problem}"
                told[f"{circumstance} of {HUBEI} at a gate of {region}: {outcome}"] += 1
                self.result.check("PASS" not in outcome or circumstance.startswith("green"), "a red code passed")

    def _goes_on(self, seconds: float) -> bool:
        before = len(self.docking.reports.acknowledged)
        return wait_until(lambda: bool(_problem_of(self.docking.dock_once)) is False, seconds) and (
            len(self.docking.reports.acknowledged) > before
        )


def _problem_of(ask: Callable[[], object]) -> str:
    """Return the problem that is answered; empty if all is well."""
    try:
        ask()
    except ProblemAnswered as problem:
        return f"{problem.status} {problem.problem}"
    except Fault as fault:
        return str(fault)
    return ""


def _fill(path: Path) -> None:
    """Write a file until nothing more can be written."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue


def _mount(folder: Path, megabytes: int, owner: os.stat_result) -> None:
    options = f"size={megabytes}m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], check=True)


@contextmanager
def _running(folder: Path, settle: Callable[[Grounds], Mapping[str, Mapping[str, str]]]) -> Iterator[Federation]:
    with (
        claim_state(folder / "state") as state,
        run_federation(state, people=200, first_port=0, regions=(HUBEI, GUANGXI), settle=settle) as federation,
    ):
        federation.clock.set(SCENES[0].at)
        federation.begin_era("a small disk")
        yield federation


def try_sqlite(folder: Path, copies: int, seed: int, *, is_mounted: bool) -> Result:
    """Copy the files under load, then fill the gateway's disk, then the hub's."""
    result = Result("power loss and full disk, SQLite")
    small = {name: folder / f"small-{name}" for name in (GATEWAY, HUB)}

    def settle(grounds: Grounds) -> Mapping[str, Mapping[str, str]]:
        for name, place in small.items():
            place.mkdir()
            if is_mounted:
                _mount(place, SMALL_MEGABYTES, place.stat())
            for file in grounds.database(name).parent.glob("node.sqlite*"):
                shutil.copy(file, place)
        return {name: {"TONGXING_STATE_DIR": str(place)} for name, place in small.items()}

    with _running(folder, settle) as federation:
        pushed = Docking(Supply(federation, HUBEI))
        with pushing_on(pushed, 0.02):
            held = copy_embedded(federation, pushed, small, copies, random.Random(seed))
        result.done.append(("files of gateway and hub copied under load, and opened", f"{copies} times"))
        result.counts += [held.gateway, held.hub]
        if is_mounted:
            disk = Disk(federation, lambda name: asking(small[name] / "node.sqlite"), small, result)
            disk.docking = Docking(pushed.supply, ROWS_A_CALL)
            for name, place in small.items():
                disk.fill(name, place)
            disk.count()
    for place in small.values() if is_mounted else ():
        subprocess.run(["umount", "--lazy", str(place)], check=True)
    return result


def try_postgres(folder: Path) -> Result:
    """Fill the disk of the server that holds the records of the hub and both gateways."""
    result, found = Result("disk full, PostgreSQL"), find_postgres()
    assert found is not None
    place = Path(tempfile.mkdtemp(prefix="tongxing-small-pg-", dir="/tmp"))
    with ExitStack() as held:
        held.callback(shutil.rmtree, place, ignore_errors=True)
        server = RunningPostgres(found, kept_in=place)
        held.callback(subprocess.run, ["umount", "--lazy", str(place / "data")], check=False)
        held.callback(server.stop)
        databases = Databases(server, prepare)
        records = {name: databases.take() for name in (HUB, GATEWAY, gateway_name(GUANGXI))}

        def settle(grounds: Grounds) -> Mapping[str, Mapping[str, str]]:
            for name, address in records.items():
                copy_record(grounds.database(name), address, lambda _: None)
            server.stop()
            _move_to_small_disk(place)
            server.start()
            return {name: {"TONGXING_RECORD": address} for name, address in records.items()}

        def start_again() -> None:
            if server.is_running():
                server.kill()
            server.start()

        with _running(folder, settle) as federation:
            disk = Disk(
                federation, lambda name: lambda query, *values: rows_of(records[name], query, *values), {}, result
            )
            disk.docking.dock_once()
            disk.fill("PostgreSQL", place / "data", start_again)
            disk.count()
    return result


def _move_to_small_disk(place: Path) -> None:
    data, before = place / "data", place / "before"
    owner = data.stat()
    data.rename(before)
    data.mkdir()
    used = sum(path.stat().st_blocks * 512 for path in before.rglob("*"))
    _mount(data, (used >> 20) + ROOM_MEGABYTES, owner)
    subprocess.run(["cp", "-a", f"{before}/.", str(data)], check=True)
    shutil.rmtree(before)


def main() -> None:
    """Run in the namespace."""
    parser = argparse.ArgumentParser(prog="tests.faults.full_disk")
    parser.add_argument("kind", choices=["sqlite", "postgres"])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--copies", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mounted", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tongxing-disk-", ignore_cleanup_errors=True) as made:
        if given.kind == "sqlite":
            result = try_sqlite(Path(made), given.copies, given.seed, is_mounted=given.mounted)
        else:
            result = try_postgres(Path(made))
    given.out.write_bytes(msgspec.json.encode(result))


if __name__ == "__main__":
    main()
