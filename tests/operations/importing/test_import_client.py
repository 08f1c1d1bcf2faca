"""import-client on the command line: it asks, writes once, and leaves the file alone otherwise."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gatewright.cli import run
from gatewright.errors import ExitCode

from .case_files import EXISTING, PROJECTS

pytestmark = pytest.mark.usefixtures("small_catalog")
OWN = str(PROJECTS / "openclaw-nine-models-in-four-providers" / "openclaw.json")


@pytest.fixture
def prod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of an environment, in a project that is the working directory."""
    shutil.copytree(EXISTING / "adds-only-what-is-missing" / "stacks", tmp_path / "stacks")
    (tmp_path / "Pulumi.yaml").write_text("name: gate\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "stacks" / "prod.yaml"


def test_it_writes_once(prod: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = (EXISTING / "adds-only-what-is-missing" / "changed.yaml").read_text(encoding="utf-8")
    assert run(["import-client", OWN, "prod", "--yes"]) == ExitCode.DONE
    assert "+  house-ai:" in capsys.readouterr().out
    assert prod.read_text(encoding="utf-8") == expected
    assert run(["import-client", OWN, "prod"]) == ExitCode.DONE
    assert "Nothing to add." in capsys.readouterr().out
    assert prod.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ([], ExitCode.USAGE, "Change stacks/prod.yaml? Cannot ask"),
        (["--dry-run"], ExitCode.CHANGES, "Nothing was written."),
        (["--format", "json"], ExitCode.USAGE, "Cannot ask"),
    ],
)
def test_without_a_yes_nothing_is_written(
    prod: Path, capsys: pytest.CaptureFixture[str], options: list[str], code: ExitCode, message: str
) -> None:
    before = prod.read_bytes()
    assert run(["import-client", OWN, "prod", *options]) == code
    captured = capsys.readouterr()
    assert message in captured.out + captured.err
    assert prod.read_bytes() == before


def test_the_report_is_also_json(prod: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prod.write_text(f"{prod.read_text(encoding='utf-8')}\nroles: {{coder: workers-ai/small-oss}}\n", encoding="utf-8")
    assert run(["import-client", OWN, "prod", "--dry-run", "--format", "json"]) == ExitCode.CHANGES
    report = json.loads(capsys.readouterr().out)
    assert report["files"] == []
    assert [entry["path"] for entry in report["conflicts"]] == ["roles.coder"]
    assert "+  house-ai:" in report["diff"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("prdo", "stacks/prdo.yaml does not exist"), ("../prod", "does not exist"), ("Pulumi.prod", "does not exist")],
)
def test_the_environment_must_exist(prod: Path, capsys: pytest.CaptureFixture[str], name: str, message: str) -> None:
    assert run(["import-client", OWN, name, "--yes"]) == ExitCode.USAGE
    assert message in capsys.readouterr().err
    assert prod.is_file()


def test_an_invalid_environment_is_not_changed(prod: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prod.write_text("extends: gatewright:catalog\naccount: 7\n", encoding="utf-8")
    before = prod.read_bytes()
    assert run(["import-client", OWN, "prod", "--yes"]) == ExitCode.INVALID
    assert "stacks/prod.yaml:2:10" in capsys.readouterr().err
    assert prod.read_bytes() == before


def test_a_result_that_would_be_invalid_is_not_written(prod: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = prod.read_text(encoding="utf-8").replace("    models:\n", "    models:\n      glm: null\n")
    prod.write_text(text, encoding="utf-8")
    before = prod.read_bytes()
    own = prod.parent / "openclaw.json"
    own.write_text('{agents: {defaults: {model: "nvidia/glm"}}}', encoding="utf-8")
    assert run(["import-client", str(own), "prod", "--yes"]) == ExitCode.INVALID
    assert "would be invalid; nothing was changed" in capsys.readouterr().err
    assert prod.read_bytes() == before
