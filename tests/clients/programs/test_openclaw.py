"""The real OpenClaw on the emitted file, against the local Cloudflare."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gatewright.clients.common.endpoints import find_endpoints
from gatewright.environment.resolved import Environment

from ..bad_files import BadFile, bad_files
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home, Ran

pytestmark = pytest.mark.clients
BAD_FILES = bad_files("openclaw")
CASES = sorted((Path(__file__).parents[1] / "openclaw").glob("*/openclaw.json"))
MODEL = "agents-local/mistral/mistral-tiny"


@pytest.fixture
def openclaw(program: Callable[[str], Program], home: Path, cloudflare: LocalCloudflare) -> Home:
    variables = {
        "OPENCLAW_CONFIG_PATH": str(home / "openclaw.json"),
        "OPENCLAW_STATE_DIR": str(home / "state"),
        "OPENCLAW_NO_AUTO_UPDATE": "1",
        "CLOUDFLARE_AI_GATEWAY_TOKEN": cloudflare.token,
    }
    return Home(program("openclaw"), home, variables)


def ask(openclaw: Home, model: str = MODEL) -> Ran:
    return openclaw.run("infer", "model", "run", "--local", "--model", model, "--prompt", "What is 2+2?", "--json")


def test_the_file_is_accepted(openclaw: Home) -> None:
    ran = openclaw.run("config", "validate", "--json")
    assert ran.exit_code == 0, ran.said
    answer = json.loads(ran.out)
    assert (answer["valid"], answer["warnings"]) == (True, [])


def test_all_models_and_routes_are_listed(openclaw: Home, environment: Environment) -> None:
    ran = openclaw.run("models", "list", "--plain")
    assert ran.exit_code == 0, ran.said
    expected = find_endpoints(environment, environment.clients["openclaw"]).references.values()
    assert sorted(ran.out.split()) == sorted(expected)


def test_a_prompt_is_answered_with_the_token_as_the_only_credential(
    openclaw: Home, cloudflare: LocalCloudflare
) -> None:
    before = cloudflare.last()
    ran = ask(openclaw)
    assert ran.exit_code == 0, ran.said
    assert "mistral/mistral-tiny heard: What is 2+2?" in ran.out
    (request,) = cloudflare.requests(before)
    assert request["path"].endswith("/agents-local/compat/chat/completions")
    assert (request["status"], request["provider"], request["model"]) == (200, "mistral", "mistral-tiny")
    assert (request["token"], request["credential"]) == ("agents", "stored")
    assert cloudflare.token not in (openclaw.folder / "openclaw.json").read_text(encoding="utf-8")


def test_a_provider_outside_compat_is_reached_at_its_own_endpoint(openclaw: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = ask(openclaw, "agents-local-openrouter/openai/gpt-oss-120b:free")
    assert ran.exit_code == 0, ran.said
    (request,) = cloudflare.requests(before)
    assert request["path"].endswith("/agents-local/openrouter/v1/chat/completions")
    assert (request["model"], request["credential"]) == ("openai/gpt-oss-120b:free", "stored")


def test_a_second_credential_would_go_upstream_and_be_refused(openclaw: Home, cloudflare: LocalCloudflare) -> None:
    file = openclaw.folder / "openclaw.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["models"]["providers"]["agents-local"]["apiKey"] = "${CLOUDFLARE_AI_GATEWAY_TOKEN}"
    file.write_text(json.dumps(content), encoding="utf-8")
    before = cloudflare.last()
    ran = ask(openclaw)
    assert ran.exit_code != 0, ran.said
    requests = cloudflare.requests(before)
    assert {(request["status"], request["credential"]) for request in requests} == {(401, "gateway token")}


@pytest.fixture(scope="module")
def verdicts(program: Callable[[str], Program], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What OpenClaw says of each file, by its name; two at a time, for each takes more than a second."""

    def verdict(text: str) -> Any:
        folder = tmp_path_factory.mktemp("config")
        (folder / "openclaw.json").write_text(text, encoding="utf-8")
        variables = {"OPENCLAW_CONFIG_PATH": str(folder / "openclaw.json"), "OPENCLAW_STATE_DIR": str(folder / "state")}
        names = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)\}", text))
        home = Home(program("openclaw"), folder, {**variables, **dict.fromkeys(names, "fake")})
        ran = home.run("config", "validate", "--json")
        said = json.loads(ran.out)
        assert ran.exit_code == (0 if said["valid"] else 1), ran.said
        return said

    texts = {str(bad): json.dumps(bad.content) for bad in BAD_FILES}
    texts |= {path.parent.name: path.read_text(encoding="utf-8") for path in CASES}
    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(texts, pool.map(verdict, texts.values()), strict=True))


@pytest.mark.parametrize("bad", BAD_FILES, ids=str)
def test_refuses_what_the_schema_refuses(bad: BadFile, verdicts: dict[str, Any]) -> None:
    """Where the schema is stricter the program takes the file: the table says so, and so it stays true."""
    assert verdicts[str(bad)]["valid"] is (bad.program == "takes it")


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_every_case_is_accepted_without_a_warning(case: Path, verdicts: dict[str, Any]) -> None:
    """Except for what an older version wants, which this one writes anew: 2026.6.35 takes that without a word."""
    verdict = verdicts[case.parent.name]
    assert (verdict["valid"], bool(verdict["warnings"])) == (True, case.parent.name.endswith("-before-2026.9"))
