"""Roles in each real program: the role's model answers. LiteLLM's are in test_litellm.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatewright.project import Project

from .cloudflare import LocalCloudflare
from .homes import InstallProgram, installed_home, load_environment
from .tested_program import PROGRAMS, PROMPT, TestedProgram

pytestmark = pytest.mark.clients
WITH_ROLES = [tested for tested in PROGRAMS.values() if tested.roles]


@pytest.mark.parametrize("tested", WITH_ROLES, ids=lambda tested: tested.client)
def test_the_roles_model_answers(
    tested: TestedProgram,
    checkout: Project,
    cloudflare: LocalCloudflare,
    install_program: InstallProgram,
    tmp_path: Path,
) -> None:
    assert tested.roles
    roles = f"roles: {json.dumps(tested.roles.get('roles', {}))}\n"
    clients = f"clients: {json.dumps({tested.client: tested.roles['settings']})}\n"
    environment = load_environment(checkout, tmp_path, cloudflare, roles + clients)
    home, prompts = installed_home(checkout, environment, tmp_path, cloudflare.token, install_program)
    role = next(iter(tested.roles["settings"]["agents"]))
    before = cloudflare.last()
    ran = home.run(*(argument.replace("{prompt}", PROMPT) for argument in prompts[role]))
    assert ran.exit_code == 0, ran.output
    assert "heard: " in ran.output
    models = [request["model"] for request in cloudflare.requests(before) if request["method"] == "POST"]
    assert list(dict.fromkeys(models)) == tested.roles["models"]
