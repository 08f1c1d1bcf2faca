"""Codex CLI: profiles of our own beside the user's config.toml, which stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.install.programs import named
from gatewright.install.targets import WHOLE, DesiredContent, Installation, Target, Validator

if TYPE_CHECKING:
    from gatewright.install.programs import Request

FOLDER = "CODEX_HOME"
_SUFFIX = ".config.toml"


def installation(request: Request) -> Installation:
    """One file a profile; they go by the provider's name."""
    folder = request.folder(FOLDER, request.machine.home / ".codex")
    profiles = [named(file).removesuffix(_SUFFIX) for file in request.files]
    return Installation(
        targets=tuple(
            Target(folder / named(file), WHOLE, DesiredContent({(): file.text}), named(file), fixed=True)
            for file in request.files
        ),
        reload="nothing: they are read at each start",
        usage=tuple(f"codex -p {profile}" for profile in profiles),
        validator=_validator(profiles[0]) if all("env_key" in file.text for file in request.files) else None,
        shares_variables=False,
    )


def _validator(profile: str) -> Validator:
    """It reads its files, and then misses the credential, so that nothing is asked; without `env_key` it would ask."""
    arguments = ("exec", "-p", profile, "--skip-git-repo-check", "--strict-config", "Hello")
    return Validator("codex", arguments, {FOLDER: "{folder}"}, _refusal, _takes)


def _takes(exit_code: int, said: str) -> bool:
    return exit_code == 0 or "Missing environment variable" in said


def _refusal(said: str) -> str | None:
    _, found, after = said.partition("Error loading config")
    lines = [line.strip() for line in after.splitlines()[:2]]
    return lines[-1] if found and lines else None
