"""What of the providers in use a client gets to by the ways that it is given, and why not to the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gatewright.environment.names import key_variable, reachable, unreachable
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.environment.checks.client_context import AboutClient
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.names import Names

_FEW = 5  # reasons in one message


def unguarded(client: AboutClient, file: EnvironmentFile, name: str, way: str) -> bool:
    """Whether nothing at all is asked of who goes there: Cloudflare pays for the provider, and the gateway is open."""
    provider = file.providers.get(name)
    open_to_all = client.settings.keys == "local" and not file.gateway.authenticated and way != "direct"
    return open_to_all and provider is not None and key_variable(name, provider) is None


def check_chosen_ways(client: AboutClient, file: EnvironmentFile, names: Names) -> None:
    """A way that is written for one provider leads there."""
    can = client.capabilities
    for name, way in client.chosen_ways.items():
        provider = file.providers.get(name)
        if provider is None or name not in names.used or way not in can.via:
            continue
        if why := unreachable(name, provider, way, can.speaks):
            others = [each for each in sorted(can.via) if reachable(name, provider, each, can.speaks)]
            hint = f"Valid: {', '.join(others)}" if others else "No other way does: remove it"
            message = f"{client.title} cannot reach {name} via {way}: {why}"
            client.error(f"via.{name}", "not-reachable", message, hint)


def note_left_out(client: AboutClient, file: EnvironmentFile, via: Mapping[str, str]) -> None:
    """What the way for all does not reach. A program that speaks one maker's API alone reaches few by its nature."""
    if client.settings.models is not None or Api.CHAT not in client.capabilities.speaks:
        return
    whys = {name: why for name, why in _whys(client, file, via) if name not in client.chosen_ways}
    if whys:
        setting = "via" if client.settings.via is not None else ""
        ways = " or ".join(dict.fromkeys(via[name] for name in whys))
        message = f"{ways} does not reach {_listed(whys)}: left out"
        client.note(setting, "left-out", message, f"Choose a way for each: {client.path('via')}: {{provider: …}}")


def say_nothing_reached(client: AboutClient, file: EnvironmentFile, names: Names, via: Mapping[str, str]) -> None:
    """That there is no model for a client, by each provider's reason; not where what is written has been refused."""
    read = {name: frozenset(provider.models) for name, provider in file.providers.items()}
    if client.settings.models == () or any(read.get(name) != names.models[name] for name in names.used):
        return
    leave = f"or leave the program out: {client.program}: null"
    whys = dict(_whys(client, file, via))
    if client.settings.models is not None:
        why, hint = "none of its `models` is in use", f"Name one that is, {leave}"
    elif whys:
        why, hint = (
            f"it reaches none in use: {_listed(whys)}",
            f"Choose another `via`, add a provider to `use`, {leave}",
        )
    else:
        why, hint = "no provider in use has any", f"Declare one, {leave}"
    client.error("", "nothing-reached", f"there is no model for {client.title}: {why}", hint)


def _whys(client: AboutClient, file: EnvironmentFile, via: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for name, way in via.items():
        provider = file.providers.get(name)
        if provider is not None and provider.models and way in client.capabilities.via:
            why = unreachable(name, provider, way, client.capabilities.speaks)
            if why is not None:
                yield name, why
            elif unguarded(client, file, name, way):
                yield name, "Cloudflare pays for it, and the gateway asks nobody for a token"


def _listed(whys: Mapping[str, str]) -> str:
    said = [f"{name} ({why})" for name, why in whys.items()]
    return ", ".join(said[:_FEW]) + (f" and {len(said) - _FEW} more" if len(said) > _FEW else "")
