"""A real Postgres of its own, from the distribution's packages."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "gatewright"
PASSWORD = "fake-password"
READY_WITHIN = 30.0  # seconds
PACKAGES = Path("/usr/lib/postgresql")
INSTALLING = Path(tempfile.gettempdir()) / "gatewright-installs-postgres"


class NoPostgresError(Exception):
    """There is none, and it cannot be installed: why."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """One that listens on the loopback address; who connects must know the password."""

    programs: Path
    port: int

    def url(self, database: str = "postgres") -> str:
        """As Pulumi takes it for a backend."""
        return f"postgres://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def ask(self, query: str, database: str = "postgres") -> list[str]:
        """The rows of a query, as `psql` prints them."""
        flags = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
        command = [self._program("psql"), self.url(database), *flags, "-c", query]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    def answers(self) -> bool:
        command = [self._program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0

    def _program(self, name: str) -> str:
        return str(self.programs / name)


@contextmanager
def running(port: int) -> Iterator[Postgres]:
    """One with an empty database, gone after the `with`. Raises NoPostgresError."""
    programs = _found() or _installed()
    user = "nobody" if os.getuid() == 0 else None  # it refuses to run as root
    with tempfile.TemporaryDirectory(prefix="gatewright-postgres-") as name:
        folder, secret = Path(name), Path(name) / "password"
        secret.write_text(PASSWORD)
        if user:
            for path in (folder, secret):
                os.chown(path, pwd.getpwnam(user).pw_uid, -1)
        data = str(folder / "data")
        made = ["-D", data, "-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync", "--locale=C"]
        subprocess.run([str(programs / "initdb"), *made], user=user, cwd=folder, capture_output=True, check=True)
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        flags = [part for each in settings for part in ("-c", each)]
        command = [str(programs / "postgres"), "-D", data, "-p", str(port), *flags]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(command, user=user, cwd=folder, stdout=log, stderr=log) as process,
        ):
            try:
                yield _ready(Postgres(programs, port), process, folder / "log")
            finally:
                process.terminate()


def _ready(postgres: Postgres, process: subprocess.Popen[bytes], log: Path) -> Postgres:
    deadline = time.monotonic() + READY_WITHIN
    while not postgres.answers():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return postgres


def _found() -> Path | None:
    """The folder of its programs: what is on PATH, else the newest of the distribution's."""
    initdb = shutil.which("initdb")
    folders = [Path(initdb).parent] if initdb else []
    folders += sorted(PACKAGES.glob("*/bin"), key=lambda each: float(each.parent.name), reverse=True)
    needed = ("initdb", "postgres", "psql", "pg_isready")
    return next((each for each in folders if all((each / program).exists() for program in needed)), None)


def _installed() -> Path:
    if not shutil.which("apt-get"):
        raise NoPostgresError("there is no Postgres here, and no apt-get to install it")
    if os.getuid() != 0:
        raise NoPostgresError("there is no Postgres here: apt-get install postgresql, as root")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with INSTALLING.open("w") as lock:  # tests run in several processes
        fcntl.flock(lock, fcntl.LOCK_EX)
        if found := _found():
            return found
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "postgresql"]):
            done = subprocess.run(["apt-get", *command], env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise NoPostgresError(f"no Postgres: apt-get {' '.join(command)} failed: {done.stderr.strip()}")
    found = _found()
    assert found, "apt-get has installed postgresql, and its programs are not where they belong"
    return found
