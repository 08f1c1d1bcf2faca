"""The official archive of the engine, whose digest is checked before anything in it is unpacked or run."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

from gatewright.engine.find import write_origin
from gatewright.engine.versions import MINIMUM, format_version
from gatewright.facts.engine_archives import DIGESTS, RELEASES
from gatewright.project import Project

SILENT_SECONDS = 10
"""How long the server may stay silent before it counts as unreachable."""
TOTAL_SECONDS = 900
MAX_BYTES = 1_000_000_000
WEAKER_PROOF = "checked against the publisher's own checksum file only, the weaker proof: no digest is pinned for"

_PROGRAM = """
import sys, urllib.request
address, target, silent, most = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
with urllib.request.urlopen(address, timeout=silent) as answer, open(target, "wb") as file:
    while chunk := answer.read(1 << 20):
        most -= len(chunk)
        if most < 0:
            sys.exit("too large")
        file.write(chunk)
"""
"""Runs as a process of its own, whose environment holds no secret and whose whole time is limited."""
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_PASSED_ON = (*_PROXIES, *map(str.lower, _PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR")


def download(project: Project, note: Callable[[str], None] = lambda _: None) -> bool:
    """Download the official engine into `project.engine_bin`; whether that succeeded.

    `note` receives a sentence where the archive is not the pinned one, or where the proof is the weaker one.
    """
    root = project.engine_bin.parent / "download"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(mode=0o700, parents=True)
    try:
        if not _install(root, note):
            return False
        shutil.rmtree(project.engine_bin, ignore_errors=True)
        (root / "bin").replace(project.engine_bin)
        write_origin(project, "downloaded")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return True


def platform_name() -> str:
    """This machine as the archives' names have it: linux-x64."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine())
    return f"{platform.system().lower()}-{machine}"


def _install(root: Path, note: Callable[[str], None]) -> bool:
    version, name = format_version(MINIMUM), platform_name()
    release, archive = f"{RELEASES}/v{version}", f"pulumi-v{version}-{name}.tar.gz"
    file = root / archive
    if not _fetch(f"{release}/{archive}", file):
        return False
    pinned = DIGESTS.get(version, {}).get(name)
    expected = pinned or _published_digest(f"{release}/pulumi-{version}-checksums.txt", archive, root)
    if expected is None:
        return False
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != expected:
        note(f"{archive} is not used: its SHA-256 is {digest}, expected {expected}")
        return False
    if not pinned:
        note(f"{WEAKER_PROOF} {archive}")
    return _unpack(file, root)


def _fetch(address: str, target: Path) -> bool:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _PROGRAM, address, target, str(SILENT_SECONDS), str(MAX_BYTES)],
        cwd=target.parent,
        env={"PATH": os.defpath, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(TOTAL_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _published_digest(address: str, archive: str, root: Path) -> str | None:
    """The digest of the archive in the publisher's checksum file, lines of `digest  name`."""
    file = root / "checksums.txt"
    if not _fetch(address, file):
        return None
    lines = [line.split() for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line[0].lower() for line in lines if len(line) == 2 and line[1].lstrip("*") == archive), None)


def _unpack(file: Path, root: Path) -> bool:
    """Unpack the archive's folder `pulumi` as `bin`."""
    try:
        with tarfile.open(file) as archive:
            # the first releases of Python 3.11 have no filter; the digest has been checked in any case
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            archive.extractall(root / "unpacked")  # noqa: S202
    except (tarfile.TarError, EOFError, OSError):
        return False
    if not (root / "unpacked" / "pulumi" / "pulumi").is_file():
        return False
    (root / "unpacked" / "pulumi").replace(root / "bin")
    return True
