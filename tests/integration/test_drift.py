"""drift: one run finds all changes made outside, and each printed command fixes them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gatewright.cloudflare.client import Client
from gatewright.cloudflare.collection import list_all
from gatewright.cloudflare.provider_configs import MANAGED
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, LOCAL_ZONE, control_plane_url
from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_RUN, WORKERS_AI_READ

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]

GATEWAY = "/ai-gateway/gateways/agents-local"
DOMAIN = "ai.example.test"
TOKENS = {"ci": {"allow": [AI_GATEWAY_RUN.name]}, "old": {"allow": [AI_GATEWAY_RUN.name]}}
WITH_TOKENS = {
    "tokens": TOKENS,
    "clients": {program: {"token": "agents"} for program in ("openclaw", "pi")},
    "gateway": {
        "domains": {DOMAIN: {"zone": LOCAL_ZONE}},
        "otel": [{"url": "https://x.example/v1", "headers": {"team": {"env": "OTEL_TEAM"}}}],
    },
}
Found = dict[tuple[str, str, str], dict[str, Any]]


def test_what_was_changed_outside(clone: Clone) -> None:
    clone.exported["OTEL_TEAM"] = "a-fake-otel-header"
    clone.declare(**WITH_TOKENS, ignore=[{"what": "gateway.rateLimit", "reason": "a fair", "until": "2099-12-31"}])
    clone.up()
    assert look(clone, code=0) == {}
    anothers(clone)
    assert look(clone, code=0) == {}

    change(clone)
    before = states(clone)
    calls = clone.seen()
    found = look(clone, code=2)
    assert states(clone) == before
    assert clone.changing(calls) == []
    said = {key: each["words"] for key, each in found.items()}
    assert said == {
        ("changed", "gateway", "gateway.cache"): "cache off → 1m",
        ("changed", "gateway", "gateway.logs.collect"): "logs: collect true → false",
        ("changed", "gateway", "gateway.otel"): "otel changes, its values are secret",
        ("changed", "gateway", "gateway.rateLimit.limit"): "rate limit 600 requests/minute → 60 requests/minute",
        ("changed", "route", "routes.bulk"): "without workers-ai/gpt-oss-20b",
        ("deleted", "route", "routes.fast"): "deleted at Cloudflare",
        ("changed", "token", "tokens.ci"): "gains AI Gateway Read (was: AI Gateway Run)",
        ("changed", "token", "tokens.agents"): "status active → disabled",
        ("deleted", "token", "tokens.old"): "deleted at Cloudflare",
        ("changed", "custom provider", "providers.nvidia.baseUrl"): (
            "baseUrl https://integrate.api.nvidia.com/v1 → https://elsewhere.example"
        ),
        ("changed", "custom provider", "providers.nvidia"): "enabled true → false",
        ("deleted", "key", "providers.groq.key"): "deleted at Cloudflare",
        ("deleted", "domain", f"gateway.domains.{DOMAIN}"): "deleted at Cloudflare",
        ("edited file", "file", "files.openclaw.json"): "edited by hand, 1 line",
        ("not here", "file", "files.pi/auth.json"): "not on this machine",
        ("orphan", "route", "orphans.by-hand"): "in no stack",
        ("orphan", "token", "orphans.gatewright/local/lost/2026-11-03"): "nobody knows its value",
        ("orphan", "secret", "orphans.agents-local_cohere_default"): "in no stack",
    }
    changed = [each for key, each in found.items() if key[0] == "changed"]
    assert [each["what"] for each in changed if not (each["since"] or "").startswith("20")] == []
    assert [each["what"] for each in found.values()][:2] == ["providers.nvidia", "tokens.agents"]
    assert found["changed", "route", "routes.bulk"]["who"] == ["openclaw", "pi"]
    assert found["edited file", "file", "files.openclaw.json"]["who"] == ["openclaw"]
    assert found["changed", "gateway", "gateway.rateLimit.limit"]["ignored"]["reason"] == "a fair"
    assert {key for key, each in found.items() if not each["counts"]} == {
        ("changed", "gateway", "gateway.rateLimit.limit"),
        ("not here", "file", "files.pi/auth.json"),
    }

    fixes = dict.fromkeys(each["mend"] for each in found.values())
    for fix in sorted(fixes, key=in_turn):
        run(clone, fix)
    assert look(clone, code=0) == {}
    anothers_are_there(clone)


def look(clone: Clone, *arguments: str, code: int) -> Found:
    """What drift finds in the local environment, by class, kind and what a rule calls it."""
    whole = json.loads(clone.gatewright("drift", "local", "--format", "json", *arguments, code=code))
    (environment,) = whole["environments"]
    found = {(each["class"], each["kind"], each["what"]): each for each in environment["findings"]}
    assert len(found) == len(environment["findings"])
    return found


def change(clone: Clone) -> None:
    """Everything that can be done to a stack from outside."""
    settings = clone.gateway()
    clone.api(
        "PUT",
        GATEWAY,
        json={
            **settings,
            "collect_logs": False,
            "cache_ttl": 60,
            "rate_limiting_limit": 60,
            "otel": [{**settings["otel"][0], "url": "https://y.example/v1"}],
        },
    )
    routes = {each["name"]: each for each in routes_of(clone)}
    clone.api("DELETE", f"{GATEWAY}/routes/{routes['fast']['id']}")
    bulk, elements = routes["bulk"]["id"], json.loads(routes["bulk"]["version"]["data"])
    first = next(each for each in elements if each["id"] == "mistral-mistral-small")
    first["outputs"]["fallback"] = {"elementId": "end"}
    left = [each for each in elements if each["id"] != "workers-ai-gpt-oss-20b"]
    version = clone.api("POST", f"{GATEWAY}/routes/{bulk}/versions", json={"elements": left})["version_id"]
    clone.api("POST", f"{GATEWAY}/routes/{bulk}/deployments", json={"version_id": version})
    clone.api("POST", f"{GATEWAY}/routes", json={"name": "by-hand", "elements": left})

    tokens = {each["name"].removeprefix("gatewright/local/"): each for each in clone.api("GET", "/tokens")}
    more = policy(AI_GATEWAY_RUN.id, AI_GATEWAY_READ.id)
    put_token(clone, tokens["ci"], policies=[more])
    put_token(clone, tokens["agents"], status="disabled")
    clone.api("DELETE", f"/tokens/{tokens['old']['id']}")
    make_token(clone, "gatewright/local/lost/2026-11-03")

    nvidia = next(each for each in clone.api("GET", "/ai-gateway/custom-providers") if each["slug"] == "nvidia")
    clone.api(
        "PATCH",
        f"/ai-gateway/custom-providers/{nvidia['id']}",
        json={"base_url": "https://elsewhere.example", "enable": False},
    )
    keys = {each["provider_slug"]: each for each in clone.api("GET", f"{GATEWAY}/provider_configs")}
    clone.api("DELETE", f"{GATEWAY}/provider_configs/{keys['groq']['id']}")
    clone.api("DELETE", f"{GATEWAY}/custom-domains/{DOMAIN}")
    make_secret(clone, "agents-local_cohere_default", f"The key of cohere, {MANAGED}")

    out = clone.project.out / "local"
    text = (out / "openclaw.json").read_text()
    (out / "openclaw.json").write_text(text.replace('"mode": "merge"', '"mode": "replace"'))
    (out / "pi/auth.json").unlink()


ANOTHERS_TOKENS = ("gatewright/localhost/agents", "gatewright/other/agents/2026-11-03", "team/local", "local")
OURS_BUT_NO_ORPHANS = ("gatewright/local/deploy",)
ANOTHERS_SECRETS = {
    "agents-local-two_cohere_default": f"The key of cohere, {MANAGED}",
    "agents-local_two_cohere_default": f"The key of cohere, {MANAGED}",
    "agents_cohere_default": f"The key of cohere, {MANAGED}",
    "agents-local_cohere_team": f"The key of cohere, {MANAGED}",
    "agents-local_deepseek_default": "typed in by hand",
}


def anothers(clone: Clone) -> None:
    """What other teams have in the same account, much of it under names like ours."""
    settings = clone.gateway()
    for name in ("agents-local-two", "agents-other", "default-team"):
        clone.api("POST", "/ai-gateway/gateways", json={**settings, "id": name})
    for name in (*ANOTHERS_TOKENS, *OURS_BUT_NO_ORPHANS):
        make_token(clone, name)
    for name, comment in ANOTHERS_SECRETS.items():
        make_secret(clone, name, comment)
    provider = {"name": "theirs", "slug": "theirs", "base_url": "https://theirs.example", "enable": True}
    clone.api("POST", "/ai-gateway/custom-providers", json=provider)


def anothers_are_there(clone: Clone) -> None:
    assert {each["id"] for each in clone.api("GET", "/ai-gateway/gateways")} >= {"agents-local-two", "agents-other"}
    names = {each["name"] for each in clone.api("GET", "/tokens")}
    assert names >= {*ANOTHERS_TOKENS, *OURS_BUT_NO_ORPHANS}


def in_turn(command: str) -> int:
    """An up of a local stack ends with a request, for which token and route must be there."""
    return next(place for place, words in enumerate(("--replace", "--refresh", "")) if words in command)


def run(clone: Clone, command: str) -> None:
    """Run a fix as a user does who says yes to all questions."""
    sure = " --yes --skip-preview" if " pulumi " in command else ""
    done = subprocess.run(
        ["/bin/sh", "-c", command + sure],
        cwd=clone.project.root,
        env=clone.shell(),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"


def routes_of(clone: Clone) -> list[dict[str, Any]]:
    """The routes, which the API does not list under `result`."""
    client = Client(control_plane_url(clone.port), LOCAL_DEPLOY_TOKEN)
    with client:
        return list(list_all(client, f"/accounts/{LOCAL_ACCOUNT}{GATEWAY}/routes"))


def states(clone: Clone) -> dict[str, bytes]:
    """All that is kept of the stack."""
    folder = clone.project.work / "state"
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def policy(*groups: str | None) -> dict[str, Any]:
    resources = {f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": "*"}
    return {"effect": "allow", "permission_groups": [{"id": each} for each in groups], "resources": resources}


def make_token(clone: Clone, name: str) -> None:
    clone.api("POST", "/tokens", json={"name": name, "policies": [policy(WORKERS_AI_READ.id)]})


def put_token(clone: Clone, token: dict[str, Any], **changed: Any) -> None:
    kept = {name: token[name] for name in ("name", "policies", "expires_on", "status") if name in token}
    clone.api("PUT", f"/tokens/{token['id']}", json={**kept, **changed})


def make_secret(clone: Clone, name: str, comment: str) -> None:
    (store,) = clone.api("GET", "/secrets_store/stores")
    secret = {"name": name, "value": "fake", "scopes": ["ai_gateway"], "comment": comment}
    clone.api("POST", f"/secrets_store/stores/{store['id']}/secrets", json=[secret])


OF_AN_ACCOUNT = 3
"""Calls: gateways, tokens, stores; a store's secrets are one more."""
OF_A_GATEWAY = 4
"""Routes, keys, domains, policies."""


def test_several_environments_of_one_account(clone: Clone) -> None:
    declared = {
        "extends": "catalog.yaml",
        "local": {"port": clone.port},
        "protect": False,
        "use": ["workers-ai"],
        "tokens": {"agents": {}},
        "clients": {"pi": {"primary": "workers-ai/gpt-oss-120b"}},
    }
    for name in ("one", "two", "three"):
        (clone.project.stacks / f"{name}.yaml").write_text(yaml.safe_dump(declared))
    (clone.project.stacks / "broken.yaml").write_text(yaml.safe_dump({**declared, "use": ["nobody"]}))
    clone.gatewright("up", "one")
    clone.gatewright("up", "two")
    assert f"1 of 1 clean · {OF_AN_ACCOUNT + OF_A_GATEWAY} calls" in clone.gatewright("drift", "one")

    make_token(clone, "gatewright/two/lost")
    make_token(clone, "gatewright/three/lost")  # of which there is no stack here: it may be on another backend
    before = clone.seen()
    said = clone.gatewright("drift", "one", "two", "three", code=2)
    assert table(said) == {"one": "clean", "two": "1 drifted", "three": "not deployed"}
    assert "token gatewright/two/lost   orphan: nobody knows its value" in said
    assert f"1 of 3 clean, 1 not deployed · {OF_AN_ACCOUNT + 2 * OF_A_GATEWAY} calls" in said
    asked = [entry["path"] for entry in clone.calls(before) if entry["path"].endswith(("/tokens", "/gateways"))]
    assert len(asked) == len(set(asked)) == 2

    said = clone.gatewright("drift", "two", "broken", code=3)
    assert table(said)["two"] == "1 drifted"
    assert "0 of 2 clean, 1 failed" in said


def table(text: str) -> dict[str, str]:
    """The headline of each environment in the table at the end."""
    rows = (line.split("   ") for line in text.rpartition("\n\n")[2].splitlines()[:-1])
    return {name: next(filter(None, cells)).strip() for name, *cells in rows}
