"""The projects that are measured: what gatewright makes, and the same written by hand."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import click
from shipped_stacks import copy_stacks

from bench.timing import clock
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.project import Project

ROUTES = 1_000
Run = Callable[..., float]
"""Runs a command and returns its seconds."""
LINKED = (".venv", "components", "gatewright", "schemas")
KEYS = ("anthropic", "cerebras", "google-ai-studio", "groq", "mistral", "nvidia", "openai", "openrouter")
"""The providers whose keys the shipped environment `local` stores."""

BY_HAND = """
import json
import pulumi
import pulumi_cloudflare as cloudflare

account = "{account}"
provider = cloudflare.Provider("local", base_url="{url}", api_token="{token}")
options = pulumi.ResourceOptions(provider=provider)
store = cloudflare.SecretsStore("agents", account_id=account, name="by-hand", opts=options)
for name in "{keys}".split():
    cloudflare.SecretsStoreSecret(name, account_id=account, store_id=store.id, name="by-hand-" + name,
        scopes=["ai_gateway"], value="fake-key-of-" + name, opts=options)
cloudflare.AiGateway("agents", account_id=account, ai_gateway_id="by-hand",
    cache_invalidate_on_update=True, cache_ttl=0, collect_logs=True,
    rate_limiting_interval=60, rate_limiting_limit=600, rate_limiting_technique="sliding",
    authentication=True, log_management=100000, log_management_strategy="DELETE_OLDEST", logpush=False, zdr=False,
    opts=options)
token = cloudflare.AccountToken("agents", account_id=account, name="by hand", policies=[{{
    "effect": "allow", "permission_groups": [{{"id": "644535f4ed854494a59cb289d634b257"}}],
    "resources": json.dumps({{f"com.cloudflare.api.account.{{account}}": "*"}})}}], opts=options)
pulumi.export("token", token.value)
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def clone(checkout: Project, folder: Path, port: int) -> Project:
    """A checkout of its own in `folder` that runs this one's code, its local Cloudflare on `port`."""
    copy_stacks(checkout, folder / "stacks")
    for name in LINKED:
        (folder / name).symlink_to(checkout.root / name)
    for path in (checkout.root / "Pulumi.yaml", checkout.root / "__main__.py"):
        shutil.copy(path, folder)
    (folder / "stacks" / "local.yaml").write_text(f"extends: base.yaml\nlocal: {{port: {port}}}\nprotect: false\n")
    return Project(folder)


def hundred(checkout: Project, folder: Path, port: int) -> Project:
    """`local` with further routes, by which its stack has 100 resources."""
    project = clone(checkout, folder, port)
    routes = ", ".join(f"r{number}: [groq/gpt-oss-20b, workers-ai/gpt-oss-20b]" for number in range(59))
    with (project.stacks / "local.yaml").open("a") as file:
        file.write(f"routes: {{{routes}}}\n")
    return project


def small(checkout: Project, folder: Path, program: str = "") -> Project:
    """A project of just a program."""
    (folder / "stacks").mkdir(parents=True)
    (folder / ".venv").symlink_to(checkout.root / ".venv")
    (folder / "__main__.py").write_text(program)
    (folder / "Pulumi.yaml").write_text(
        "name: small\nruntime: {name: python, options: {virtualenv: .venv}}\nstackConfigDir: stacks\n"
    )
    return Project(folder)


def by_hand(checkout: Project, folder: Path, port: int) -> Project:
    """A project whose program makes a gateway, its stored keys and a token with nothing but pulumi_cloudflare.

    Routes and the links of keys to the gateway are not in it: the plugin's stand-in does not have them.
    """
    filled = BY_HAND.format(
        account=LOCAL_ACCOUNT, url=control_plane_url(port), token=LOCAL_DEPLOY_TOKEN, keys=" ".join(KEYS)
    )
    return small(checkout, folder, filled)


def many(checkout: Project, folder: Path, count: int, where: str) -> Project:
    """A project of `count` environments, each on top of the shared files; `where` each is, with its number in it."""
    project = clone(checkout, folder, free_port())
    for number in range(count):
        (project.stacks / f"env-{number}.yaml").write_text(
            f"extends: base.yaml\n{where.format(number)}\ngateway: {{cache: {{ttl: {number + 1}m}}}}\n"
        )
    return project


def routed(folder: Path) -> Project:
    """A project of one environment with many routes, each of 20 nodes."""
    models = [f"mistral/m{number}" for number in range(15)]

    def tree(first: int) -> str:
        one, two, three, four = (", ".join((models * 2)[first + 4 * part :][:4]) for part in range(4))
        limited = f"{{limit: 5 USD/day, by: metadata.team, try: [{one}], over: [{two}]}}"
        split = f"{{split: [{{10%: [{three}]}}, {{else: [{four}]}}]}}"
        return f"{{if: {{metadata.plan: {{eq: paid}}}}, then: {limited}, else: {split}}}"

    (folder / "stacks").mkdir(parents=True)
    facts = "".join(f"      m{number}: {{}}\n" for number in range(15))
    routes = "".join(f"  r{number}: {tree(number % 14)}\n" for number in range(ROUTES))
    text = f"local: true\nproviders:\n  mistral:\n    models:\n{facts}routes:\n{routes}"
    (folder / "stacks" / "routed.yaml").write_text(text)
    (folder / "Pulumi.yaml").write_text("name: routed\nruntime: python\nstackConfigDir: stacks\n")
    return Project(folder)


def runner(project: Project, environment: dict[str, str], code: int = 0) -> Run:
    """Runs a command in `project`, which must end with `code`; returns its seconds."""

    def run(*command: str | Path) -> float:
        started = clock()
        done = subprocess.run(command, cwd=project.root, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != code:
            raise click.ClickException(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
        return clock() - started

    return run
