"""report writes pages into a folder; open needs a port that is free."""

from __future__ import annotations

import json
import socket

from gatewright.errors import ExitCode
from gatewright.project import Project

from .project import Call, write


def test_report_writes_a_page_for_each_environment(project: Project, call: Call) -> None:
    result = call("report", "--all", "--out", "pages", "--format", "json")
    assert result.code == ExitCode.DONE
    written = json.loads(result.out)
    assert written == {
        "out": "pages",
        "files": ["index.html", "env-dev.html", "env-local.html", "env-prod.html", "env-staging.html"],
        "removed": [],
        "invalid": [],
    }
    assert all((project.root / "pages" / file).is_file() for file in written["files"])


def test_report_names_what_it_wrote(call: Call) -> None:
    assert call("report", "local", "--out", "pages").out == "2 pages written: pages/index.html\n"


def test_pages_of_an_earlier_report_are_removed_and_other_files_stay(project: Project, call: Call) -> None:
    pages = project.root / "pages"
    call("report", "--all", "--out", "pages")
    call("render", "local", "--out", "pages")
    (pages / "env-mine.html").write_text("mine")
    kept = {path.name for path in pages.iterdir()} - {"env-dev.html", "env-staging.html"}
    result = call("report", "local", "prod", "--out", "pages")
    assert result.out.splitlines()[1:] == ["2 pages of an earlier report removed: env-dev.html, env-staging.html"]
    assert {path.name for path in pages.iterdir()} == kept
    assert "removed" not in call("report", "local", "prod", "--out", "pages").out


def test_a_link_in_place_of_an_earlier_page_stays(project: Project, call: Call) -> None:
    pages = project.root / "pages"
    call("report", "--all", "--out", "pages")
    (pages / "env-dev.html").unlink()
    (pages / "env-dev.html").symlink_to(project.root / "Pulumi.yaml")
    assert "removed: env-prod.html, env-staging.html\n" in call("report", "local", "--out", "pages").out
    assert (pages / "env-dev.html").is_symlink()


def test_an_invalid_environment_has_a_page_and_an_exit_code(project: Project, call: Call) -> None:
    write(project, "broken.yaml", "local: true\nroutes: {fast: [groq/none]}\n")
    result = call("report", "broken", "local", "--out", "pages")
    assert result.code == ExitCode.INVALID
    assert "broken is invalid; its page lists the errors" in result.err
    assert (project.root / "pages" / "env-broken.html").is_file()


def test_a_page_of_somebody_else_is_not_overwritten(project: Project, call: Call) -> None:
    (project.root / "index.html").write_text("mine")
    result = call("report", "local", "--out", ".")
    assert result.code == ExitCode.FAILED
    assert "in the way" in result.err
    assert (project.root / "index.html").read_text() == "mine"


def test_open_needs_a_free_port(call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = call("open", "--no-browser", "--port", str(taken.getsockname()[1]))
    assert result.code == ExitCode.USAGE
    assert "choose another one: --port N" in result.err
