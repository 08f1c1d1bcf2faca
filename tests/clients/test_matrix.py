"""Each cell of the table of capabilities agrees with the checks, and has a case."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from gatewright.clients import CAPABILITIES, CLIENTS
from gatewright.clients.matrix import OWN, STORED, UNIFIED, VIA, markdown, matrix, metadata_forms
from gatewright.environment.capabilities import ClientCapabilities
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.facts.slugs import Api

from .environments import FAKE_ACCOUNT

HERE = Path(__file__).parent
MODELS = {Api.CHAT: "groq", Api.RESPONSES: "openai", Api.MESSAGES: "anthropic", Api.GENERATE: "google-ai-studio"}
CASES = {STORED: "stored-keys", UNIFIED: "unified-billing", OWN: "own-keys"}
LINES = """\
account: "{account}"
providers: {{{provider}: {{key: {key}, direct: "https://models.example.com/v1", models: {{m: {{}}}}}}}}
tokens: {{agents: {{}}}}
clients: {{{program}: {{via: {via}, keys: {keys}, primary: {provider}/m}}}}
"""


@pytest.mark.parametrize(
    ("program", "via", "keys"),
    [(row.client, via, keys) for row in matrix() for via, keys in product(VIA, (STORED, UNIFIED, OWN))],
)
def test_a_cell_agrees_with_the_checks(program: str, via: str, keys: str, tmp_path: Path) -> None:
    """`keys` does not apply to `direct`: the key is the user's own, and Cloudflare's credits do not pay."""
    text = LINES.format(
        account=FAKE_ACCOUNT,
        provider=MODELS[CAPABILITIES[program].speaks[0]],
        key="unified" if keys == UNIFIED else "{stored: true}",
        program=program,
        via=via,
        keys="local" if keys == OWN and via != "direct" else "stored",
    )
    (tmp_path / "case.yaml").write_text(text, encoding="utf-8")
    accepted = load(Files(tmp_path, "stacks"), "case", CAPABILITIES, {}).environment is not None
    row = next(row for row in matrix() if row.client == program)
    if via == "direct":
        assert accepted is (bool(row.keys[via]) and keys != UNIFIED)
    else:
        assert accepted is (keys in row.keys[via])


@pytest.mark.parametrize(
    ("program", "case"),
    [
        (row.client, "direct" if via == "direct" else f"{via}-{CASES[keys]}")
        for row in matrix()
        for via in VIA
        for keys in row.keys[via]
    ],
)
def test_each_cell_has_its_case(program: str, case: str) -> None:
    assert (HERE / program / case / "environment.yaml").is_file()


@pytest.mark.parametrize("program", [name for name, capabilities in CAPABILITIES.items() if capabilities.agents])
def test_a_program_with_roles_has_a_case_of_them(program: str) -> None:
    assert (HERE / program / "roles" / "environment.yaml").is_file()


def test_unified_billing_emits_the_same_files_as_stored_keys() -> None:
    pairs = [
        (path, Path(str(path).replace("unified-billing", "stored-keys"))) for path in HERE.glob("*/*-unified-billing")
    ]
    assert len(pairs) > 20
    for unified, stored in pairs:
        for file in unified.rglob("*"):
            if file.is_file() and file.name != "environment.yaml":
                assert file.read_bytes() == (stored / file.relative_to(unified)).read_bytes(), file


EVERY = (*["stored, unified, own"] * 2, "stored, unified", "own", "yes", "yes", "–")


def test_the_table_has_a_line_for_each_client() -> None:
    lines = markdown().splitlines()
    assert len(lines) == 2 + len(CLIENTS)
    assert len({line.count("|") for line in lines}) == 1
    assert "| LiteLLM (`litellm`) | 1.90 – 1.106.2 | " + " | ".join((*EVERY, "fixed", "model groups |")) in lines


@pytest.mark.parametrize(("program", "capabilities"), [*CAPABILITIES.items()])
@pytest.mark.parametrize(
    ("value", "form"), [("a", "fixed"), ("{env: TEAM}", "variables"), ("{role: true}", "per role")], ids=str
)
def test_the_cell_of_metadata_agrees_with_the_checks(
    program: str, capabilities: ClientCapabilities, value: str, form: str, tmp_path: Path
) -> None:
    provider = MODELS[capabilities.speaks[0]]
    text = LINES.format(
        account=FAKE_ACCOUNT,
        provider=provider,
        key="{stored: true}",
        program=program,
        via=capabilities.default_via,
        keys=f"stored, metadata: {{key: {value}}}",
    )
    (tmp_path / "case.yaml").write_text(text, encoding="utf-8")
    is_accepted = load(Files(tmp_path, "stacks"), "case", CAPABILITIES, {}).environment is not None
    assert is_accepted is (form in metadata_forms(capabilities))
