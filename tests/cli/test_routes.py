"""`gatewright routes`: drawing from the YAML files alone, and errors of a rollback before any request."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gatewright.cli import run
from gatewright.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.project import Project

TREE = "{if: {metadata.plan: {eq: paid}}, then: [mistral/mistral-small], else: [groq/gpt-oss-20b]}"


@pytest.fixture(autouse=True)
def project(checkout: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with two routes, as the working directory; no credential."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_bytes((checkout.root / "Pulumi.yaml").read_bytes())
    (tmp_path / "stacks" / "catalog.yaml").write_bytes((checkout.stacks / "catalog.yaml").read_bytes())
    (tmp_path / "stacks" / "test.yaml").write_text(
        f"extends: catalog.yaml\naccount: {{env: TEST_ACCOUNT_ID}}\nuse: [mistral, groq]\n"
        f"routes:\n  choice: {TREE}\n  fast: [groq/gpt-oss-20b, mistral/ministral-3b-latest]\n"
    )
    monkeypatch.chdir(tmp_path)
    for name in ("TEST_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def output(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = ExitCode.DONE) -> str:
    assert run(["routes", *arguments]) == code
    out, err = capsys.readouterr()
    return out + err


def test_all_routes_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys, "test") == (
        "dynamic/choice\n"
        "  if metadata.plan is paid: mistral/mistral-small\n"
        "  else: groq/gpt-oss-20b\n"
        "  note: metadata.plan: no client of this environment sends metadata.plan\n"
        "\n"
        "dynamic/fast\n"
        "  groq/gpt-oss-20b → mistral/ministral-3b-latest\n"
    )


def test_one_route_as_mermaid_in_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(capsys, "test", "fast", "--format", "mermaid").splitlines()
    assert lines[:4] == ["### dynamic/fast", "", "```mermaid", "flowchart TD"]
    assert lines[-1] == "```"
    assert '  n1["groq/gpt-oss-20b"]' in lines


def test_elements_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(output(capsys, "test", "fast", "choice", "--format", "json"))
    assert [element["id"] for element in found["fast"]] == [
        "start",
        "groq-gpt-oss-20b",
        "mistral-ministral-3b-latest",
        "end",
    ]
    assert list(found) == ["fast", "choice"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fats"], "test has no route fats\n  → Did you mean fast?"),
        (["rollback"], "rollback takes one route\n  → gatewright routes test rollback ROUTE"),
        (["rollback", "fast", "choice"], "rollback takes one route"),
        (["rollback", "fast", "--to", "kept.json"], "rollback takes one route"),
        (["--to", "kept.json"], "--to requires rollback"),
        (["rollback", "--to", "stacks/test.yaml"], "stacks/test.yaml does not hold versions of routes"),
    ],
)
def test_a_wrong_command_line(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert message in output(capsys, "test", *arguments, code=ExitCode.USAGE)


def test_a_rollback_needs_an_account_and_a_token(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "TEST_ACCOUNT_ID" in output(capsys, "test", "rollback", "fast", code=ExitCode.INVALID)
    monkeypatch.setenv("TEST_ACCOUNT_ID", "fa" * 16)
    assert "CLOUDFLARE_API_TOKEN is not set" in output(capsys, "test", "rollback", "fast", code=ExitCode.REFUSED)


def test_drawing_imports_neither_pulumi_nor_cloudflare() -> None:
    program = (
        "import sys; from gatewright.cli import run; run(['routes', 'test']);"
        "sys.exit(sorted({'pulumi', 'cloudflare', 'httpx', 'rich'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def clients(project: Path) -> None:
    lines = (
        "tokens: {agents: {}}\n"
        "clients:\n"
        "  opencode: {models: [dynamic/choice], agents: {coder: dynamic/choice, tiny: groq/gpt-oss-20b},\n"
        "             metadata: {plan: paid, agent: {role: true}}}\n"
        "  pi: {models: [dynamic/choice], metadata: {plan: {env: PLAN}}}\n"
        "  litellm: {models: [dynamic/choice, dynamic/fast]}\n"
    )
    with (project / "stacks" / "test.yaml").open("a") as file:
        file.write(lines)


@pytest.mark.usefixtures("clients")
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("opencode", ("if metadata.plan is paid: mistral/mistral-small", "sends plan: paid")),
        ("opencode/coder", ("if metadata.plan is paid: mistral/mistral-small", "sends plan: paid, agent: coder")),
        ("litellm", ("unless metadata.plan is paid: groq/gpt-oss-20b", "sends no metadata")),
        (
            "pi",
            ("if metadata.plan is paid: mistral/mistral-small", "else: groq/gpt-oss-20b", "sends plan: {env: PLAN}"),
        ),
    ],
)
def test_the_path_of_a_client(name: str, lines: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, "test", "choice", "--as", name)
    assert text == "".join((f"dynamic/choice as {name}\n", *(f"  {line}\n" for line in lines)))


@pytest.mark.usefixtures("clients")
def test_the_path_of_a_client_as_mermaid_has_no_other_branch(capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, "test", "--as", "opencode", "--format", "mermaid")
    assert text.startswith("### dynamic/choice as opencode\n")
    assert "mistral/mistral-small" in text
    assert "groq" not in text


@pytest.mark.usefixtures("clients")
def test_the_path_of_a_client_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(output(capsys, "test", "--as", "pi", "--format", "json"))
    assert (document["client"], document["role"], document["metadata"]) == ("pi", None, {"plan": {"env": "PLAN"}})
    assert [element["id"] for element in document["routes"]["choice"]] == [
        "start",
        "if",
        "mistral-mistral-small",
        "groq-gpt-oss-20b",
        "end",
    ]
    document = json.loads(output(capsys, "test", "--as", "opencode/coder", "--format", "json"))
    assert (document["role"], list(document["routes"])) == ("coder", ["choice"])
    assert [element["id"] for element in document["routes"]["choice"]] == [
        "start",
        "if",
        "mistral-mistral-small",
        "end",
    ]


@pytest.mark.usefixtures("clients")
def test_an_agent_without_routes(capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys, "test", "--as", "opencode/tiny") == "opencode/tiny has no routes\n"


@pytest.mark.usefixtures("clients")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--as", "litelm"], "test has no client litelm\n  → Did you mean litellm?"),
        (["--as", "opencode/code"], "opencode has no role code\n  → Did you mean coder?"),
        (["fast", "--as", "pi"], "pi does not use dynamic/fast\n  → Its routes: dynamic/choice"),
        (["fats", "--as", "pi"], "test has no route fats\n  → Did you mean fast?"),
        (["rollback", "choice", "--as", "pi"], "--as draws routes only\n  → gatewright routes test --as pi"),
    ],
)
def test_a_client_that_takes_no_path(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert message in output(capsys, "test", *arguments, code=ExitCode.USAGE)
