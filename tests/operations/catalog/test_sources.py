"""Files of packages in a registry, the cache, and the providers' own lists."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from gatewright.operations.catalog import packages
from gatewright.operations.catalog import sources as module
from gatewright.operations.catalog.check import check_catalog
from gatewright.operations.catalog.facts import ModelFacts, Price, SourceError, Table
from gatewright.operations.catalog.model_lists import fetch_list
from gatewright.operations.catalog.packages import read_tarball, read_wheel
from gatewright.operations.catalog.sources import Package, Sources, read_packages
from gatewright.project import Project

from ..probe.world import World
from .project import write_project

NOW = 1_795_824_000  # 2026-11-28


@pytest.fixture
def registry() -> Iterator[Callable[..., str]]:
    """Serves one file; returns its URL."""
    servers = []

    def serve(data: bytes, *, ranges: bool = True) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                first, _, last = self.headers.get("range", "").removeprefix("bytes=").partition("-")
                part = data[int(first) : int(last) + 1] if ranges and first else data
                self.send_response(206 if ranges else 200)
                self.send_header("content-range", f"bytes {first}-{last}/{len(data)}")
                self.send_header("content-length", str(len(part)))
                self.end_headers()
                self.wfile.write(part)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/package.whl"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def wheel(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("large.bin", os.urandom(500_000))
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def pip(folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Any, code: int = 0) -> None:
    """A pip that prints `answer`."""
    _program(folder / "pip", f"cat <<'END'\n{json.dumps(answer)}\nEND\nexit {code}")
    monkeypatch.setattr(packages, "_pip", lambda: [str(folder / "pip")])


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def report(url: str) -> Any:
    return {"install": [{"metadata": {"version": "1.2"}, "download_info": {"url": url}}]}


def test_one_file_of_a_wheel(registry: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip(tmp_path, monkeypatch, report(registry(wheel({"a.json": b'{"x": 1}'}))))
    assert read_wheel("p", ["a.json"]) == ("1.2", {"a.json": {"x": 1}})


@pytest.mark.parametrize(
    ("files", "ranges", "reason"),
    [
        ({"a.json": b"{"}, True, "a.json is not JSON"),
        ({"a.json": b"[" * 100_000}, True, "a.json is not JSON"),
        ({}, True, "There is no item named 'a.json'"),
        ({"a.json": b"{}"}, False, "the registry does not serve parts of files"),
    ],
)
def test_a_wheel_that_cannot_be_read(
    registry: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: Any, ranges: bool, reason: str
) -> None:
    pip(tmp_path, monkeypatch, report(registry(wheel(files), ranges=ranges)))
    with pytest.raises(SourceError, match=reason):
        read_wheel("p", ["a.json"])


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        ({}, 1, "p cannot be read: "),
        ({}, 0, "pip's report has another form"),
        (report("file:///p.whl"), 0, "its file is not on a web server"),
        (report("http://127.0.0.1:1/p.whl"), 0, "p 1.2 cannot be read"),
    ],
)
def test_pip_does_not_find_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Any, code: int, reason: str
) -> None:
    pip(tmp_path, monkeypatch, answer, code)
    with pytest.raises(SourceError, match=reason):
        read_wheel("p", ["a.json"])


def test_files_of_an_npm_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tarfile.open(tmp_path / "made.tgz", "w:gz") as archive:
        member = tarfile.TarInfo("package/a.json")
        member.size = 8
        archive.addfile(member, io.BytesIO(b'{"x": 1}'))
    _program(tmp_path / "npm", f'cp {tmp_path}/made.tgz p-1.2.tgz; echo \'[{{"version": "1.2"}}]\'')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert read_tarball("p", ["package/a.json"]) == ("1.2", {"package/a.json": {"x": 1}})
    with pytest.raises(SourceError, match=r"b\.json"):
        read_tarball("p", ["package/b.json"])


def test_npm_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="p is skipped: npm is not installed"):
        read_tarball("p", ["a.json"])


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Project, list[str]]:
    """A project, and the log of the fetches of its one package."""
    fetched: list[str] = []

    def fetch(name: str, _: Any) -> tuple[str, dict[str, Any]]:
        fetched.append(name)
        if len(fetched) == 2:
            raise SourceError("the registry does not answer")
        return "1.2", {"a": 1}

    def read(_: Table, files: Mapping[str, Any], __: str) -> None:
        assert files["a"] == 1

    monkeypatch.setattr(module, "PACKAGES", (Package("@x/p@>=1", fetch, ("a",), read),))
    return Project(tmp_path), fetched


def test_a_package_is_kept_for_a_day_and_used_offline_or_when_the_registry_is_down(
    cached: tuple[Project, list[str]],
) -> None:
    project, fetched = cached

    def names(now: int, *, offline: bool = False) -> list[str]:
        read = Sources()
        read_packages(project, read, now, offline=offline)
        return [f"{table.name} of {table.date}" for table in read.tables] or read.skipped

    assert names(NOW, offline=True) == ["@x/p@>=1 is not in the cache, and this run is offline"]
    assert names(NOW) == names(NOW + 80_000) == ["@x/p 1.2 of 2026-11-28"]
    assert len(fetched) == 1
    assert names(NOW + 400_000, offline=True) == ["@x/p 1.2 of 2026-11-28"]
    assert names(NOW + 400_000) == ["@x/p 1.2 of 2026-11-28"]
    assert len(fetched) == 2
    assert names(NOW + 400_000) == ["@x/p 1.2 of 2026-12-02"]
    (project.work / "catalog" / "x-p.json").write_text("[" * 100_000, encoding="utf-8")
    assert names(NOW + 400_000) == ["@x/p 1.2 of 2026-12-02"]
    assert len(fetched) == 4


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(401, json={"error": "fake-key"}), "groq's list of models cannot be read: HTTP 401"),
        (httpx.Response(200, text="<html>"), "the answer is not JSON"),
        (httpx.Response(200, json=[]), "another form than expected"),
    ],
)
def test_a_providers_list_that_cannot_be_read(answer: httpx.Response, reason: str) -> None:
    with httpx.Client(transport=httpx.MockTransport(lambda _: answer)) as http, pytest.raises(SourceError) as error:
        fetch_list(http, "groq", "https://fake.example/models", {"authorization": "Bearer fake-key"}, "2026-11-28")
    assert reason in str(error.value)
    assert "fake-key" not in str(error.value)


def test_offline_reads_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.run", None)
    monkeypatch.setattr("httpx.Client", None)
    check = check_catalog(write_project(tmp_path, monkeypatch), (), offline=True)
    assert [finding.name for finding in check.changes] == ["groq/old", "groq/soon"]
    assert [table.date for table in check.tables] == ["2026-09-18"]
    assert len(check.skipped) == 3


def test_workers_ai_of_a_named_local_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    local = f"extends: base.yaml\nlocal: {{port: {world.environment.local.port}}}\n"  # type: ignore[union-attr]
    monkeypatch.setattr(module, "PACKAGES", ())
    check = check_catalog(write_project(tmp_path, monkeypatch, local=local), ["local"], offline=False)
    table = check.tables[-1]
    assert (table.name, table.served_by) == ("Workers AI's models/search", frozenset())
    assert table.models["workers-ai", "@cf/openai/gpt-oss-20b"] == ModelFacts(context=128_000, price=Price(0.2, 0.3))


def test_workers_ai_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    world.fault(on="inference", path="*/models/search", status=403, body={"success": False, "errors": []})
    local = f"extends: base.yaml\nlocal: {{port: {world.environment.local.port}}}\n"  # type: ignore[union-attr]
    monkeypatch.setattr(module, "PACKAGES", ())
    check = check_catalog(write_project(tmp_path, monkeypatch, local=local), ["local"], offline=False)
    assert [reason.partition(":")[0] for reason in check.skipped] == ["Workers AI's models/search cannot be read"]
