"""Codex CLI: a profile of our own beside the user's config.toml, which stays as it is."""

from __future__ import annotations

from gatewright.install.programs import Request
from gatewright.install.targets import WHOLE, Installation, Target, Validator, Wanted


def installation(request: Request) -> Installation:
    """The one file, which goes by the provider's name."""
    name = f"{request.label}.config.toml"
    folder = request.machine.place("CODEX_HOME", request.machine.home / ".codex")
    path = request.one_place(folder / name)
    return Installation(
        targets=(Target(path, WHOLE, Wanted({(): request.text(name)}), name),),
        reload="nothing: each start reads it",
        usage=(f"codex -p {request.label}",),
        validator=_validator(request, name),
        shares_variables=False,
    )


def _validator(request: Request, name: str) -> Validator | None:
    """It reads all of its files, and then misses the credential, so that nothing is asked; where it needs none, it
    would ask."""
    if request.client.token is None:
        return None
    return Validator(
        "codex",
        ("exec", "-p", name.removesuffix(".config.toml"), "--skip-git-repo-check", "--strict-config", "-"),
        {"CODEX_HOME": "{folder}"},
        _refusal,
    )


def _refusal(exit_code: int, said: str) -> str | None:
    if "Missing environment variable" in said or exit_code == 0:
        return None
    return next((line.strip() for line in said.splitlines() if "rror" in line), f"exit {exit_code}")
