"""What a command started by `run` gets of the shell's variables."""

from __future__ import annotations

import pytest

from gatewright.operations.tokens.passed_variables import command_environment, is_ordinary


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SECRETS = _names(
    """
    CLOUDFLARE_API_TOKEN CLOUDFLARE_API_KEY CLOUDFLARE_EMAIL CF_API_TOKEN PROD_CLOUDFLARE_API_TOKEN
    PULUMI_ACCESS_TOKEN PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE PULUMI_CONFIG_PASSPHRASE_FILE
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE
    AZURE_CLIENT_SECRET AZURE_KEYVAULT_AUTH_VIA_CLI ARM_CLIENT_SECRET GOOGLE_APPLICATION_CREDENTIALS
    GOOGLE_CREDENTIALS VAULT_TOKEN VAULT_ADDR STRIPE_KEY OTEL_TEAM HONEYCOMB_API_KEY GROQ_API_KEY
    MISTRAL_API_KEY ANTHROPIC_API_KEY GITHUB_TOKEN GH_TOKEN ACTIONS_ID_TOKEN_REQUEST_TOKEN GITHUB_ENV NPM_TOKEN
    NPM_CONFIG__AUTH HOMEBREW_GITHUB_API_TOKEN UV_INDEX_URL PIP_INDEX_URL DATABASE_URL PGPASSWORD KUBECONFIG
    DOCKER_AUTH_CONFIG CLAUDE_CODE_OAUTH_TOKEN LC_API_KEY XDG_SECRET path Path
    """
)
ORDINARY = _names(
    """
    PATH HOME USER SHELL LANG LC_ALL LC_TIME TZ TERM COLORTERM TMPDIR EDITOR HTTPS_PROXY no_proxy SSL_CERT_FILE
    DISPLAY NODE_EXTRA_CA_CERTS VIRTUAL_ENV NVM_DIR XDG_CONFIG_HOME XDG_RUNTIME_DIR OPENCLAW_STATE_DIR
    CODEX_HOME PI_CODING_AGENT_DIR CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC OPENCODE_CONFIG LLM_USER_PATH
    CONTINUE_GLOBAL_DIR CLAUDE_CONFIG_DIR
    """
)


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_variable_that_may_hold_a_secret_is_withheld(name: str) -> None:
    result = command_environment({name: "fake"}, {}, [])
    assert (result.variables, result.withheld) == ({}, (name,))


@pytest.mark.parametrize("name", sorted(ORDINARY))
def test_an_ordinary_variable_is_passed_on(name: str) -> None:
    assert is_ordinary(name)


def test_the_clients_variables_replace_those_of_the_shell() -> None:
    result = command_environment({"PATH": "/bin", "A_TOKEN": "old", "B_KEY": "fake"}, {"A_TOKEN": "new"}, [])
    assert result.variables == {"PATH": "/bin", "A_TOKEN": "new"}
    assert result.withheld == ("B_KEY",)
    assert "new" not in repr(result)


def test_kept_variables_are_passed_on_by_name_or_pattern() -> None:
    shell = {"A_TOKEN": "1", "NPM_A": "2", "NPM_B": "3", "XNPM_": "4"}
    result = command_environment(shell, {}, ["A_TOKEN", "NPM_*"])
    assert result.variables == {"A_TOKEN": "1", "NPM_A": "2", "NPM_B": "3"}
    assert result.withheld == ("XNPM_",)


def test_a_conflicting_variable_is_withheld_unless_it_is_kept() -> None:
    shell = {"CLAUDE_CODE_USE_BEDROCK": "1"}
    assert command_environment(shell, {}, [], {"CLAUDE_CODE_USE_BEDROCK"}).withheld == ("CLAUDE_CODE_USE_BEDROCK",)
    kept = command_environment(shell, {}, ["CLAUDE_CODE_USE_BEDROCK"], {"CLAUDE_CODE_USE_BEDROCK"})
    assert kept.variables == shell
