"""LiteLLM: a file of our own, which its proxy is started with; it has no place for settings that it would find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.install.targets import WHOLE, DesiredContent, Installation, Target, Validator

if TYPE_CHECKING:
    from gatewright.install.programs import Request

FILE = "config.yaml"


def installation(request: Request) -> Installation:
    """The one file, which goes by the provider's name."""
    (file,) = request.files
    machine = request.machine
    path = request.to or machine.config / "litellm" / f"{request.label}.yaml"
    return Installation(
        targets=(Target(path, WHOLE, DesiredContent({(): file.text}), FILE),),
        reload="start the proxy anew",
        usage=(f"litellm --config {machine.argument(path)}",),
        runs_in="the shell or the service that starts it",
        validator=Validator(
            "litellm",
            ("--config", f"{{folder}}/{FILE}", "--validate_config"),
            {"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            _refusal,
        ),
        shares_variables=False,
    )


def _refusal(said: str) -> str | None:
    _, found, after = said.partition("config validation failed:")
    return after.strip().partition("\n")[0] if found else None
