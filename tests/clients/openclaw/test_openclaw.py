"""The real OpenClaw with the emitted file, against the local Cloudflare."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.homes import InstallProgram
from clients.programs.run import Home
from clients.programs.tested_program import PROGRAMS

from gatewright.clients import CAPABILITIES
from gatewright.clients.common.endpoints import find_endpoints
from gatewright.environment.resolved import Environment

pytestmark = pytest.mark.clients
BAD_FILES = bad_files("openclaw")
CASES = sorted(path.with_name("openclaw.json") for path in Path(__file__).parent.glob("*/environment.yaml"))
MODEL = "agents-local/mistral/ministral-3b-latest"


@pytest.fixture
def openclaw(home: Callable[[str], Home]) -> Home:
    return home("openclaw")


def test_the_file_is_accepted(openclaw: Home) -> None:
    ran = openclaw.run("config", "validate", "--json")
    assert ran.exit_code == 0, ran.output
    verdict = json.loads(ran.out)
    assert (verdict["valid"], verdict["warnings"]) == (True, [])


def test_all_models_and_routes_are_listed(openclaw: Home, environment: Environment) -> None:
    ran = openclaw.run("models", "list", "--plain")
    assert ran.exit_code == 0, ran.output
    expected = find_endpoints(environment, environment.clients["openclaw"]).references.values()
    assert sorted(ran.out.split()) == sorted(expected)


def test_a_prompt_is_answered_and_the_token_is_the_only_credential(openclaw: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = openclaw.ask(MODEL)
    assert ran.exit_code == 0, ran.output
    assert "mistral/ministral-3b-latest heard: What is 2+2?" in ran.out
    (request,) = cloudflare.requests(before)
    assert request["path"].endswith("/agents-local/compat/chat/completions")
    assert (request["status"], request["provider"], request["model"]) == (200, "mistral", "ministral-3b-latest")
    assert (request["token"], request["credential"]) == ("agents", "stored")
    assert cloudflare.token not in (openclaw.folder / "openclaw.json").read_text(encoding="utf-8")


def test_a_provider_outside_compat_has_its_own_endpoint(openclaw: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = openclaw.ask("agents-local-openrouter/google/gemma-4-31b-it:free")
    assert ran.exit_code == 0, ran.output
    (request,) = cloudflare.requests(before)
    assert request["path"].endswith("/agents-local/openrouter/v1/chat/completions")
    assert (request["model"], request["credential"]) == ("google/gemma-4-31b-it:free", "stored")


def test_a_second_credential_would_be_forwarded_and_refused(openclaw: Home, cloudflare: LocalCloudflare) -> None:
    file = openclaw.folder / "openclaw.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["models"]["providers"]["agents-local"]["apiKey"] = "${CLOUDFLARE_AI_GATEWAY_TOKEN}"
    file.write_text(json.dumps(content), encoding="utf-8")
    before = cloudflare.last()
    ran = openclaw.ask(MODEL)
    assert ran.exit_code != 0, ran.output
    statuses = {(request["status"], request["credential"]) for request in cloudflare.requests(before)}
    assert statuses == {(401, "gateway token")}


@pytest.fixture
def verdict(install_program: InstallProgram, tmp_path: Path) -> Callable[[str], Any]:
    """OpenClaw's verdict on a file."""

    def validate(text: str) -> Any:
        (tmp_path / "openclaw.json").write_text(text, encoding="utf-8")
        names = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)\}", text))
        tested = PROGRAMS["openclaw"]
        variables = {**tested.variables_in(tmp_path), **dict.fromkeys(names, "fake")}
        ran = Home(tested, install_program("openclaw"), tmp_path, variables).run("config", "validate", "--json")
        result = json.loads(ran.out)
        assert ran.exit_code == (0 if result["valid"] else 1), ran.output
        return result

    return validate


@pytest.mark.parametrize("bad", BAD_FILES, ids=str)
def test_a_bad_file_is_refused(bad: BadFile, verdict: Callable[[str], Any]) -> None:
    """Where the schema is stricter, OpenClaw accepts the file, and the table says so."""
    assert verdict(json.dumps(bad.content))["valid"] is (bad.program == "accepts")


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_every_case_is_accepted_without_a_warning(case: Path, verdict: Callable[[str], Any]) -> None:
    """Except for the file of an older version, which this one rewrites. 2026.6.35 accepts it without a warning."""
    result = verdict(case.read_text(encoding="utf-8").replace('"gatewright"', '"/usr/bin/true"'))  # as by install
    assert (result["valid"], bool(result["warnings"])) == (True, case.parent.name.endswith("-before-2026.9"))


def test_the_list_of_built_in_providers(install_program: InstallProgram) -> None:
    modules = install_program("openclaw").modules
    assert modules is not None
    root = modules / "openclaw"
    manifests = [json.loads(path.read_bytes()) for path in root.glob("dist/extensions/*/openclaw.plugin.json")]
    catalog = json.loads((root / "scripts/lib/official-external-provider-catalog.json").read_bytes())
    bundled = {provider for manifest in manifests for provider in manifest.get("providers", ())}
    others = {provider["id"] for entry in catalog["entries"] for provider in entry["openclaw"].get("providers", ())}
    assert set(_overlay(root)) | bundled | others == CAPABILITIES["openclaw"].built_in_providers


def _overlay(root: Path) -> Iterator[str]:
    """The program's own list of providers that need no address."""
    for file in root.glob("dist/zod-schema.core-*.mjs"):
        ids = re.search(r"BUILT_IN_MODEL_PROVIDER_OVERLAY_IDS = .*?\[(.*?)\]", file.read_text(), re.DOTALL)
        assert ids, file
        yield from re.findall(r'"([^"]+)"', ids[1])
