"""init --from: a project from a client's own file, the same file after install, and files that are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gatewright.cli import run
from gatewright.errors import ExitCode, GatewrightError, UsageError
from gatewright.io.text_edits.json_text import JsonText
from gatewright.io.text_edits.yaml_document import YamlDocument
from gatewright.operations.importing.new_project import plan_imported_project
from gatewright.operations.importing.own_file import read_own_file

from .case_files import PROJECTS

GROQ = '{models: {providers: {groq: {baseUrl: "https://api.groq.com/openai/v1", models: [{id: "a", name: "A"}]}}}}'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with nothing but a folder to work in, which is the working directory."""
    home = tmp_path / "Zoë's home"
    (home / "work").mkdir(parents=True)
    monkeypatch.chdir(home / "work")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "OPENCLAW_CONFIG_PATH", "OPENCLAW_STATE_DIR", "OPENCLAW_HOME"):
        monkeypatch.delenv(name, raising=False)
    return home


def test_a_file_by_hand_becomes_a_project_and_keeps_its_own_when_installed(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = home / ".openclaw" / "openclaw.json"
    own.parent.mkdir()
    before = (PROJECTS / "openclaw-nine-models-in-four-providers" / "openclaw.json").read_text(encoding="utf-8")
    own.write_text(before, encoding="utf-8")
    assert run(["init", "--from", str(own), "gate"]) == ExitCode.DONE
    output = capsys.readouterr().out
    assert "4 providers, 9 models" in output
    assert "FAKE" not in output
    assert own.read_text(encoding="utf-8") == before
    monkeypatch.chdir(home / "work" / "gate")
    assert run(["validate", "--all"]) == ExitCode.DONE
    assert run(["render", "local"]) == ExitCode.DONE
    assert run(["install", "local", "openclaw", "--yes"]) == ExitCode.DONE
    after, hand_made = JsonText.of(own.read_text(encoding="utf-8")), JsonText.of(before)
    providers = dict(after.data["models"]["providers"])
    assert providers.pop("agents-local")["models"]
    others = {name for name in providers if name.startswith("agents-local-")}
    assert {name: entry for name, entry in providers.items() if name not in others} == hand_made.data["models"][
        "providers"
    ]
    assert after.data["channels"] == hand_made.data["channels"]
    assert after.data["agents"]["defaults"]["model"] == hand_made.data["agents"]["defaults"]["model"]
    assert "// written by hand over a year" in own.read_text(encoding="utf-8")


def contains(after: object, before: object) -> bool:
    """Whether mappings and lists have what they had before."""
    if isinstance(before, dict):
        return isinstance(after, dict) and all(contains(after.get(key), value) for key, value in before.items())
    if isinstance(before, list):
        return isinstance(after, list) and all(item in after for item in before)
    return after == before


@pytest.mark.parametrize(
    ("client", "own", "read"),
    [
        ("opencode", "opencode.json", JsonText.of),
        ("pi", "models.json", JsonText.of),
        ("continue", "config.yaml", YamlDocument.parse),
    ],
)
def test_the_file_of_every_client_keeps_its_own_when_installed(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    client: str,
    own: str,
    read: Callable[[str], JsonText | YamlDocument],
) -> None:
    text = (PROJECTS / client / own).read_text(encoding="utf-8").replace("FAKE-FAKE-FAKE-FAKE", "kept")
    (home / own).write_text(text, encoding="utf-8")
    assert run(["init", "--from", str(home / own), "gate"]) == ExitCode.DONE
    monkeypatch.chdir(home / "work" / "gate")
    monkeypatch.setenv("PI_CODING_AGENT_DIR", str(home))
    target = [] if client == "pi" else ["--to", str(home / own)]  # pi has several files
    assert run(["install", "local", client, *target, "--yes"]) == ExitCode.DONE
    installed = (home / own).read_text(encoding="utf-8")
    assert "agents-local" in installed
    assert contains(read(installed).data, read(text).data)


@pytest.mark.usefixtures("home")
def test_the_report_is_also_json(capsys: pytest.CaptureFixture[str]) -> None:
    own = PROJECTS / "openclaw-what-cannot-be-carried-over" / "openclaw.json"
    assert run(["init", "--from", str(own), "gate", "--format", "json"]) == ExitCode.DONE
    output = capsys.readouterr().out
    report = json.loads(output)
    assert "FAKE" not in output
    assert [*report] == ["folder", "files", "file", "client", "providers", "variables", "conflicts", "skipped"]
    assert report["client"] == "openclaw"
    assert "stacks/base.yaml" in report["files"]
    assert {
        "name": "ANTHROPIC_API_KEY",
        "provider": "anthropic",
        "source": "command",
        "line": 20,
        "column": 28,
    } in report["variables"]
    assert {entry["path"]: entry["line"] for entry in report["skipped"]}["models.providers.ollama"] == 12


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("openclaw.json", "", "is empty"),
        ("openclaw.json", "// nothing yet\n", "1:1: expected an object"),
        ("openclaw.json", "{models: {providers: {groq: {\n  baseUrl 1}}}}", "2:11: expected a colon"),
        ("openclaw.json", '{models: {providers: {groq: {baseUrl: "https://a', "1:39: the string is not closed"),
        ("openclaw.json", "[1]", "1:1: expected an object"),
        ("openclaw.json", "{}", "declares no provider that can be imported"),
        ("openclaw.json", "{models: {providers: {a: {}}}}", "declares no provider that can be imported"),
        ("settings.json", '{"editor": 1}', "is not a file of a client that can be imported"),
        ("config.yaml", "a: [1", "2:1: invalid YAML"),
        ("config.yaml", "just text", "expected a mapping"),
        ("openclaw.json", "{a: " * 300, "nested deeper than"),
    ],
)
def test_a_file_that_is_refused_writes_nothing(home: Path, name: str, text: str, message: str) -> None:
    file = home / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GatewrightError) as error:
        plan_imported_project(home / "work" / "gate", file, None)
    assert message in error.value.message
    assert run(["init", "--from", str(file), "gate"]) == error.value.exit_code
    assert list((home / "work").iterdir()) == []


def test_what_is_not_a_readable_file_is_refused(home: Path) -> None:
    (home / "latin.json").write_bytes(b'{models: {providers: {}},\n "a": "\xe9"}')
    (home / "large.json").write_bytes(b" " * (5 * 1024 * 1024 + 1))
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_own_file(home)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_own_file(home / "missing.json")
    with pytest.raises(GatewrightError, match=r"latin\.json:2 is not UTF-8 text"):
        read_own_file(home / "latin.json")
    with pytest.raises(UsageError, match="is larger than 5 MB"):
        read_own_file(home / "large.json")


def test_a_key_in_a_broken_file_is_not_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "openclaw.json").write_text('{models: {providers: {groq: {apiKey: "gsk_FAKEFAKEFAKEFAKEFAKE" x}}}}')
    assert run(["init", "--from", str(home / "openclaw.json"), "gate"]) == ExitCode.FAILED
    error = capsys.readouterr().err
    assert "openclaw.json:1:65: expected a comma or }" in error
    assert "FAKE" not in error


@pytest.mark.parametrize("options", [["--clients", "pi"], ["--providers", "groq"]])
def test_clients_and_providers_come_from_the_file(home: Path, options: list[str]) -> None:
    (home / "openclaw.json").write_text(GROQ, encoding="utf-8")
    assert run(["init", "--from", str(home / "openclaw.json"), "gate", *options]) == ExitCode.USAGE
    assert list((home / "work").iterdir()) == []


def test_an_environment_for_an_account_is_created_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "openclaw.json").write_text(GROQ, encoding="utf-8")
    assert run(["init", "--from", str(home / "openclaw.json"), "gate", "--environment", "prod"]) == ExitCode.DONE
    monkeypatch.chdir(home / "work" / "gate")
    assert run(["validate", "prod"]) == ExitCode.DONE


def test_five_hundred_models_are_imported(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = [{"id": f"family-{index % 7}/model-{index // 7}", "name": f"M {index}"} for index in range(500)]
    provider = {"baseUrl": "https://llm.example.com/v1", "apiKey": "${EXAMPLE_KEY}", "models": models}
    (home / "openclaw.json").write_text(json.dumps({"models": {"providers": {"example": provider}}}), encoding="utf-8")
    assert run(["init", "--from", str(home / "openclaw.json"), "gate"]) == ExitCode.DONE
    monkeypatch.chdir(home / "work" / "gate")
    assert run(["validate", "local"]) == ExitCode.DONE
    draft = plan_imported_project(home / "other", home / "openclaw.json", None).draft
    assert len(draft.providers["example"]["models"]) == 500
