"""Codex reads profiles that gatewright owns, beside the user's config.toml."""

from __future__ import annotations

from gatewright.clients.common.installation import Installation, InstallRequest, Target, Validator

FOLDER = "CODEX_HOME"
_SUFFIX = ".config.toml"


def installation(request: InstallRequest) -> Installation:
    """One file for each profile, named after the client's `provider`."""
    folder = request.folder(FOLDER, request.machine.home / ".codex")
    profiles = [file.name.removesuffix(_SUFFIX) for file in request.files]
    return Installation(
        targets=tuple(Target.whole(folder / file.name, file.text, file.name, fixed=True) for file in request.files),
        usage=tuple(f"codex -p {profile}" for profile in profiles),
        validator=_validator(profiles[0]) if all("env_key" in file.text for file in request.files) else None,
        shares_variables=False,
        ask=_prompt(profiles[0]),
        prompts={profile.removeprefix(f"{request.label}-"): _prompt(profile) for profile in profiles[1:]},
    )


def _prompt(profile: str) -> tuple[str, ...]:
    return "exec", "-p", profile, "--skip-git-repo-check", "{prompt}"


def _validator(profile: str) -> Validator:
    """Codex reads its files and then stops because the credential is missing. Without `env_key` it would send the
    prompt."""
    arguments = ("exec", "-p", profile, "--skip-git-repo-check", "--strict-config", "Hello")
    return Validator("codex", arguments, {FOLDER: "{folder}"}, _refusal, _accepts)


def _accepts(exit_code: int, output: str) -> bool:
    return exit_code == 0 or "Missing environment variable" in output


def _refusal(output: str) -> str | None:
    _, separator, after = output.partition("Error loading config")
    lines = [line.strip() for line in after.splitlines()[:2]]
    return lines[-1] if separator and lines else None
