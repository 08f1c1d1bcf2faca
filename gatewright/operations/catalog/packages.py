"""Single files of packages in a registry, read without installing the package.

pip and npm find the registry by their own configuration. Of a wheel only the needed parts are requested; litellm's is
44 MB, its table 0.6 MB.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from gatewright.io.untrusted import parse_json
from gatewright.operations.catalog.facts import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import WriteableBuffer

_TIMEOUT = 120.0  # seconds, for one program or request
_MAX_FILE = 20_000_000  # bytes of one unpacked file
_MAX_TARBALL = 20_000_000
_READ_AHEAD = 65_536  # bytes of one request
_UNREADABLE = (httpx.HTTPError, zipfile.BadZipFile, KeyError, zlib.error, OSError, NotImplementedError)
"""Errors of reading a wheel. zipfile raises the last one for a compression that it does not know."""


def read_wheel(package: str, names: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The version of the newest wheel, and the JSON of its files `names`. Raises SourceError."""
    version, url = _find_wheel(package)
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, follow_redirects=True) as http,
            zipfile.ZipFile(_RemoteFile(http, url)) as z,
        ):
            return version, {name: _parse(package, name, _read_member(z, name)) for name in names}
    except _UNREADABLE as error:
        raise SourceError(f"{package} {version} cannot be read: {error}") from None


def read_tarball(package: str, names: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The version of the newest npm package, and the JSON of its files `names`. Raises SourceError."""
    npm = shutil.which("npm")
    if npm is None:
        raise SourceError(f"{package} is skipped: npm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        output = _run([npm, "pack", "--json", "--ignore-scripts", package], package, folder)
        entry = _parse(package, "npm's answer", output)
        archives = list(Path(folder).glob("*.tgz"))
        if not isinstance(entry, list) or not entry or len(archives) != 1:
            raise SourceError(f"{package} cannot be read: npm downloaded no archive")
        version = str(entry[0].get("version")) if isinstance(entry[0], dict) else ""
        if archives[0].stat().st_size > _MAX_TARBALL:
            raise SourceError(f"{package} {version} cannot be read: the archive is larger than {_MAX_TARBALL:,} bytes")
        return version, _read_archive(package, archives[0], names)


def _read_archive(package: str, path: Path, names: Sequence[str]) -> dict[str, Any]:
    files: dict[str, Any] = {}
    try:
        with tarfile.open(path) as archive:
            for name in names:
                member = archive.getmember(name)
                file = archive.extractfile(member) if member.isfile() and member.size <= _MAX_FILE else None
                if file is None:
                    raise SourceError(f"{package} cannot be read: {name} is not a file, or too large")
                files[name] = _parse(package, name, file.read())
    except (tarfile.TarError, KeyError, OSError, zlib.error) as error:
        raise SourceError(f"{package} cannot be read: {error}") from None
    return files


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _MAX_FILE:
        raise OSError(f"{name} is larger than {_MAX_FILE:,} bytes")
    return archive.read(name)


def _find_wheel(package: str) -> tuple[str, str]:
    """Version and URL of the newest wheel, by pip's own configuration."""
    options = ["install", "--dry-run", "--ignore-installed", "--no-deps", "--only-binary", ":all:", "--quiet"]
    report = _parse(package, "pip's report", _run([*_pip(), *options, "--report", "-", package], package))
    try:
        entry = report["install"][0]
        version, url = str(entry["metadata"]["version"]), str(entry["download_info"]["url"])
    except (KeyError, IndexError, TypeError):
        raise SourceError(f"{package} cannot be read: pip's report has another form than expected") from None
    if not url.startswith(("https://", "http://")):
        raise SourceError(f"{package} cannot be read: its file is not on a web server")
    return version, url


def _pip() -> list[str]:
    python = Path(sys.executable)
    beside = python.with_name("pip")
    program = str(beside) if beside.is_file() else shutil.which("pip")
    if program is None:
        raise SourceError("packages are skipped: pip is not installed")
    return [program]


def _run(command: Sequence[str], package: str, folder: str | None = None) -> bytes:
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, timeout=_TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"{package} cannot be read: {error}") from None
    if result.returncode:
        lines = [line for line in result.stderr.decode(errors="replace").splitlines() if line.strip()]
        raise SourceError(f"{package} cannot be read: {lines[-1][:200] if lines else 'the registry does not answer'}")
    return result.stdout


def _parse(package: str, name: str, data: bytes) -> Any:
    try:
        return parse_json(data)
    except (ValueError, json.JSONDecodeError):
        raise SourceError(f"{package} cannot be read: {name} is not JSON") from None


class _RemoteFile(io.RawIOBase):
    """A file on a web server, read in parts by its range requests."""

    def __init__(self, http: httpx.Client, url: str) -> None:
        self._http, self._url, self._position = http, url, 0
        self._start, self._part = 0, b""
        response = self._http.get(url, headers={"range": "bytes=0-0", "accept-encoding": "identity"})
        size = response.headers.get("content-range", "").rpartition("/")[2]
        if response.status_code != 206 or not size.isdecimal():
            raise OSError(f"the registry does not serve parts of files (HTTP {response.status_code})")
        self._size = int(size)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        length = min(len(view), self._size - self._position)
        if length <= 0:
            return 0
        if not (self._start <= self._position and self._position + length <= self._start + len(self._part)):
            self._start, self._part = self._position, self._fetch(self._position, max(length, _READ_AHEAD))
        offset = self._position - self._start
        view[:length] = self._part[offset : offset + length]
        self._position += length
        return length

    def _fetch(self, start: int, length: int) -> bytes:
        end = min(start + length, self._size) - 1
        headers = {"range": f"bytes={start}-{end}", "accept-encoding": "identity"}
        response = self._http.get(self._url, headers=headers)
        if response.status_code != 206 or len(response.content) != end - start + 1:
            raise OSError(f"the registry does not serve parts of files (HTTP {response.status_code})")
        return response.content
