"""A local environment changes nobody's default model, and asks before it is installed."""

from __future__ import annotations

import json

import pytest

from gatewright.cli import run
from gatewright.errors import ExitCode
from gatewright.install import FileState

from .bench import Bench
from .conftest import SETTINGS, clients

LOCAL = "extends: base.yaml\nlocal: true\n" + clients(SETTINGS)
USER_FILES = {
    "openclaw": (".openclaw/openclaw.json", '{agents: {defaults: {model: "house/one"}}}', "house/one"),
    "opencode": (".config/opencode/opencode.json", '{"model": "house/a"}', "house/a"),
    "pi": (".pi/agent/settings.json", '{"defaultProvider": "house", "defaultModel": "one"}', '"one"'),
}


@pytest.fixture
def local(bench: Bench) -> Bench:
    bench.rewrite("local", LOCAL)
    return bench


@pytest.mark.parametrize("client", USER_FILES)
def test_the_default_model_stays_without_the_option(local: Bench, client: str) -> None:
    name, text, model = USER_FILES[client]
    path = local.file(name, text)
    before = local.files()
    local.install("local", client)
    assert model in path.read_text(encoding="utf-8")
    assert "local/dynamic/fast" not in path.read_text(encoding="utf-8").replace('"model": "x"', "")
    assert {file.state for file in local.inspect("local", client).files} == {FileState.CURRENT}
    local.install("local", client, sets_default=True)
    assert model not in path.read_text(encoding="utf-8")
    assert not local.install("local", client).changes, "the earlier decision holds"
    assert {file.state for file in local.inspect("local", client).files} == {FileState.CURRENT}
    local.uninstall("local", client)
    assert local.files() == before


def test_no_default_model_is_set_where_there_is_none(local: Bench) -> None:
    outcome = local.install("local", "pi")
    assert "settings.json" not in {file.path.name for file in outcome.files}
    assert not (local.home / ".pi/agent/settings.json").exists()


def test_a_script_must_say_yes(local: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["install", "local", "opencode"]) == ExitCode.USAGE
    error = capsys.readouterr().err
    assert "local is the Cloudflare on this machine" in error
    assert "→ gatewright install local opencode --yes" in error
    assert local.files() == {}
    assert run(["install", "local", "opencode", "--dry-run"]) == ExitCode.CHANGES
    assert run(["install", "local", "opencode", "--yes"]) == ExitCode.DONE
    assert run(["install", "local", "opencode"]) == ExitCode.DONE, "nothing changes, so nothing is asked"


@pytest.mark.parametrize("name", ["local", "prod"])
def test_another_gateway_of_pis_extension_is_replaced_after_a_question_only(
    local: Bench, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = json.dumps({"accountId": "my-account", "gatewayName": "mine"})
    path = local.file(".pi/agent/cloudflare-ai-gateway.json", text)
    assert run(["install", name, "pi"]) == ExitCode.USAGE
    assert "~/.pi/agent/cloudflare-ai-gateway.json:1: gatewayName is mine" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8") == text
    if name == "local":
        assert run(["install", name, "pi", "--yes"]) == ExitCode.DONE
        assert path.read_text(encoding="utf-8") == text
    assert run(["install", name, "pi", "--yes", *(["--default"] if name == "local" else [])]) == ExitCode.DONE
    assert "mine" not in path.read_text(encoding="utf-8")
    assert run(["uninstall", name, "pi"]) == ExitCode.DONE
    assert path.read_text(encoding="utf-8") == text


def test_nothing_is_asked_before_another_environment_replaces_the_gateway(bench: Bench) -> None:
    bench.install("dev", "pi")
    assert run(["install", "prod", "pi"]) == ExitCode.DONE
