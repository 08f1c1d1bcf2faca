"""The download from a server that stands in for the publisher's: what is pinned is used, and nothing else."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from gatewright.engine import download as module
from gatewright.engine.download import download, platform_name
from gatewright.engine.find import find_engine
from gatewright.engine.launchers import place_language_host
from gatewright.engine.versions import MINIMUM, format_version
from gatewright.facts.engine_archives import DIGESTS
from gatewright.project import Project

VERSION = format_version(MINIMUM)
ARCHIVE = f"pulumi-v{VERSION}-{platform_name()}.tar.gz"


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the release on the server; its archive is pinned."""
    folder = tmp_path / "served" / f"v{VERSION}"
    folder.mkdir(parents=True)
    write_archive(folder / ARCHIVE, {"pulumi/pulumi": f"#!/bin/sh\necho v{VERSION}\n".encode()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path / "served")))
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(module, "RELEASES", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(module, "DIGESTS", {VERSION: {platform_name(): digest(folder / ARCHIVE)}})
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield folder
    server.shutdown()
    server.server_close()


def write_archive(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in {**files, "pulumi/pulumi-language-python": b"\x7fELF"}.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755
            archive.addfile(entry, io.BytesIO(data))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_version_is_pinned_for_every_platform() -> None:
    assert sorted(DIGESTS[VERSION]) == ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64"]
    assert len({*DIGESTS[VERSION].values()}) == 4
    assert all(len(bytes.fromhex(each)) == 32 for each in DIGESTS[VERSION].values())


@pytest.mark.usefixtures("release")
def test_a_download_keeps_its_own_language_host(project: Project) -> None:
    notes: list[str] = []
    assert download(project, notes.append) is True
    assert notes == []
    engine = find_engine(project)
    assert engine
    assert (engine.version, engine.origin) == ((3, 259, 0), "downloaded")
    place_language_host(project.engine_bin)
    assert engine.host
    assert engine.host.read_bytes() == b"\x7fELF"
    assert sorted(path.name for path in project.engine_bin.parent.iterdir()) == ["bin", "origin"]


def test_another_archive_is_neither_unpacked_nor_used(
    project: Project, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(release / ARCHIVE, {"pulumi/pulumi": b"#!/bin/sh\necho another\n"})
    monkeypatch.setattr(module, "_unpack", lambda *_: pytest.fail("unpacked"))
    notes: list[str] = []
    assert download(project, notes.append) is False
    assert f"{ARCHIVE} is not used: its SHA-256 is {digest(release / ARCHIVE)}, expected " in notes[0]
    assert list(project.engine_bin.parent.iterdir()) == []


@pytest.mark.parametrize("right", [True, False])
def test_without_a_pin_the_checksum_file_is_the_weaker_proof(
    project: Project, release: Path, monkeypatch: pytest.MonkeyPatch, right: bool
) -> None:
    monkeypatch.setattr(module, "DIGESTS", {})
    published = digest(release / ARCHIVE) if right else "0" * 64
    (release / f"pulumi-{VERSION}-checksums.txt").write_text(f"{'1' * 64}  other.tar.gz\n{published}  {ARCHIVE}\n")
    notes: list[str] = []
    assert download(project, notes.append) is right
    assert ("the weaker proof" in notes[0]) is right


@pytest.mark.usefixtures("release")
def test_without_a_pin_and_a_checksum_file_nothing_is_used(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DIGESTS", {})
    assert download(project) is False


def test_a_path_out_of_the_archive_is_not_written(
    project: Project, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(release / ARCHIVE, {"pulumi/pulumi": b"", "../../escaped": b"x"})
    monkeypatch.setattr(module, "DIGESTS", {VERSION: {platform_name(): digest(release / ARCHIVE)}})
    assert download(project) is False
    assert not list(project.root.rglob("escaped"))


def test_the_fetching_process_gets_no_secret_and_is_ended(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "fake-deploying")
    seen = tmp_path / "seen"
    program = (
        f"import os, time; open({str(seen)!r}, 'w').write(f'{{os.getpid()}} {{sorted(os.environ)}}'); time.sleep(60)"
    )
    monkeypatch.setattr(module, "_PROGRAM", program)
    monkeypatch.setattr(module, "TOTAL_SECONDS", 3)
    assert download(project) is False
    pid, _, names = seen.read_text().partition(" ")
    assert "CLOUDFLARE_API_TOKEN" not in names
    assert "HOME" not in names
    assert ended(int(pid))
    assert list(project.engine_bin.parent.iterdir()) == []


def ended(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
