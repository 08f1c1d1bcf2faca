"""LiteLLM's proxy is started with a file that gatewright owns; it reads no file by itself."""

from __future__ import annotations

from gatewright.clients.common.installation import Installation, InstallRequest, Target, Validator
from gatewright.clients.litellm import PROGRAM

FILE = "config.yaml"


def installation(request: InstallRequest) -> Installation:
    """The one file, named after the client's `provider`."""
    (file,) = request.files
    machine = request.machine
    path = request.to or machine.config / "litellm" / f"{request.label}.yaml"
    return Installation(
        targets=(Target.whole(path, file.text, FILE),),
        reload="restart the proxy",
        usage=(f"litellm --config {machine.argument(path)}",),
        runs_in="the shell or the service that starts it",
        validator=Validator(
            "litellm",
            ("--config", f"{{folder}}/{FILE}", "--validate_config"),
            PROGRAM.quiet,
            _refusal,
        ),
        shares_variables=False,
    )


def _refusal(output: str) -> str | None:
    _, separator, after = output.partition("config validation failed:")
    return after.strip().partition("\n")[0] if separator else None
