"""One small question through the gateway, the way the client asks, with what the client would send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.clients.common.variables import Holds, Variable
from gatewright.engine.doctor import Finding
from gatewright.errors import GatewrightError, RefusedError
from gatewright.operations.client_doctor.sources import SHELL
from gatewright.operations.probe.requests import client_request
from gatewright.operations.probe.smoke import send_probe
from gatewright.operations.probe.transport import RunToken, provider_keys_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.environment.resolved import Client, Environment
    from gatewright.operations.client_doctor.sources import Sources
    from gatewright.operations.client_doctor.tokens import Tokens

NAME = "answer"


def asked(
    environment: Environment, client: Client, wanted: Sequence[Variable], sources: Sources, tokens: Tokens
) -> tuple[Finding, bool]:
    """What came of it, and whether Cloudflare refuses the token."""
    question = client_request(environment, client)
    if question is None:
        return Finding(NAME, "not asked: its models are reached past the gateway"), False
    token, place = token_to_ask_with(wanted, sources, tokens)
    if token is None and client.token is not None:
        mend = f"gatewright up {environment.name}, then set what is said above"
        return Finding(NAME, "not asked: there is no token to ask with", mend), False
    keys = provider_keys_from(environment, sources.machine.variables)
    try:
        return Finding(NAME, send_probe(environment, question, token, keys)), False
    except GatewrightError as error:
        refused = isinstance(error, RefusedError)
        hint = f"It is old, of another account, or lacks AI Gateway Run: {place}" if refused and place else error.hint
        return Finding(NAME, error.message, hint or "Ask again"), refused


def token_to_ask_with(
    wanted: Sequence[Variable], sources: Sources, tokens: Tokens
) -> tuple[RunToken | None, str | None]:
    """What the client would find, else the stack's newest; and what to do where the first stands in the client's own
    file, and is not known to be the second."""
    for variable in wanted:
        if variable.holds is Holds.TOKEN:
            value, where = sources.find(variable.name)
            alone = (value or tokens.newest.get(variable.name, "")).removeprefix(variable.prefix).strip()
            if alone.isascii() and alone.isprintable() and alone:
                token = RunToken(variable.of or "", alone, variable.name if value and where == SHELL else None)
                newest = not value or where == SHELL or value == tokens.newest.get(variable.name)
                return token, None if newest else f"put the newest token into {variable.name} of {where}"
    return None, None
