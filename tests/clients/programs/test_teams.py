"""Two real programs of two teams share a gateway: metadata decides who pays, and which branch of a route answers."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from gatewright.environment.checks.metadata_uses import route_uses
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.project import Project

from .cloudflare import LocalCloudflare, add_gateway
from .homes import InstallProgram, home_of, load_environment, write_files

pytestmark = pytest.mark.clients
NAME = "agents-teams"
GATEWAY = f"{{name: {NAME}, spendLimits: [{{id: teams, limit: 0.000001 USD/day, metadata: {{team: each}}}}]}}"
LINES = """\
routes:
  work:
    if: {metadata.team: {eq: sales}}
    then: [mistral/ministral-3b-latest]
    else: [workers-ai/gpt-oss-20b]
clients:
  pi: {primary: dynamic/work, models: [dynamic/work], metadata: {team: sales}}
  codex: {primary: openai/gpt-6-luna, metadata: {team: platform, seat: 7}}
"""


def test_a_team_over_its_budget_is_refused_and_the_other_is_answered(
    checkout: Project, cloudflare: LocalCloudflare, install_program: InstallProgram, tmp_path: Path
) -> None:
    environment = load_environment(checkout, tmp_path, cloudflare, LINES, gateway=GATEWAY)
    assert [use.message for use in route_uses(environment, "work")] == ["then for pi (sales)"]
    add_gateway(cloudflare.running, environment)
    folder = tmp_path / "home"
    write_files(environment, folder)
    settings = folder / "pi" / "settings.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "retry": {"enabled": False}}))
    pi, codex = (home_of(client, environment, folder, cloudflare.token, install_program) for client in ("pi", "codex"))
    before = cloudflare.last()
    first, refused = pi.ask(), pi.ask()
    assert first.exit_code == 0, first.output
    assert "mistral/ministral-3b-latest heard: " in first.out
    assert refused.exit_code != 0
    assert "Spend limit exceeded: rule 'teams' (cost limit 0.000001 per 86400s" in refused.output
    answered = codex.run("exec", "-p", NAME, "--skip-git-repo-check", "--strict-config", "What is 2+2?")
    assert answered.exit_code == 0, answered.output
    assert "openai/gpt-6-luna heard: " in answered.out
    requests = [(request["path"].rpartition(NAME)[2], request["status"]) for request in cloudflare.requests(before)]
    assert requests[0] == ("/compat/chat/completions", 200)
    assert set(requests[1:-1]) == {("/compat/chat/completions", 429)}
    assert requests[-1] == ("/openai/responses", 200)


def test_the_options_of_requests_take_effect(
    checkout: Project, cloudflare: LocalCloudflare, install_program: InstallProgram, tmp_path: Path
) -> None:
    """Cached for an hour, with zero data retention and a session; nothing in the gateway's log."""
    lines = (
        "providers: {groq: {key: unified}}\n"
        "clients: {llm: {primary: groq/gpt-oss-20b, cache: {ttl: 1h}, logs: {collect: false},"
        " zeroDataRetention: true, session: nightly}}\n"
    )
    environment = load_environment(checkout, tmp_path, cloudflare, lines, gateway="{name: agents-options}")
    add_gateway(cloudflare.running, environment)
    folder = tmp_path / "home"
    write_files(environment, folder)
    llm = home_of("llm", environment, folder, cloudflare.token, install_program)
    before = cloudflare.last()
    for _ in range(2):
        ran = llm.run("-m", "agents-options", "--no-stream", "What is 2+2?")
        assert ran.exit_code == 0, ran.output
    first, second = cloudflare.requests(before)
    assert (first["cache"], first["credential"], first["zdr"], first["session"]) == ("MISS", "unified", True, "nightly")
    assert second["cache"] == "HIT"
    url = f"{cloudflare.running.control_plane}/accounts/{LOCAL_ACCOUNT}/ai-gateway/gateways/agents-options/logs"
    response = httpx.get(url, headers={"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}, trust_env=False)
    assert response.raise_for_status().json()["result"] == []
