"""The provider: its configuration, and the resources and functions of the table."""

# ruff: noqa: ARG002 - a provider implements every call, whether it needs each argument or not

from __future__ import annotations

import json
import os
import re
from functools import cached_property
from importlib.machinery import PathFinder
from pathlib import Path
from urllib.parse import urlencode

from gatewright.errors import EngineError
from gatewright.facts.resources import PERMISSION_GROUPS, PERMISSION_GROUPS_PATH, RESOURCES
from gatewright.local.cloudflare_plugin.api import Api, check_loopback
from gatewright.local.cloudflare_plugin.resource import CloudflareResource
from gatewright.plugin.provider import Provider
from gatewright.plugin.resource import CheckFailure
from gatewright.plugin.values import UNKNOWN, Object, Value, reveal_all

BASE_URL, API_TOKEN = "CLOUDFLARE_BASE_URL", "CLOUDFLARE_API_TOKEN"
MAX_GROUPS = 1000


class Cloudflare(Provider):
    """`cloudflare`, in the version of the installed pulumi_cloudflare."""

    name = "cloudflare"
    accepts_secrets = False  # as the official plugin: the engine then keeps secret what a program marked as secret

    def __init__(self) -> None:
        self._api: Api | None = None
        self.resources = {token: CloudflareResource(resource, self._connected) for token, resource in RESOURCES.items()}
        self.functions = {PERMISSION_GROUPS: self._permission_groups}

    @cached_property
    def version(self) -> str:  # type: ignore[override]
        """The version of the installed pulumi_cloudflare, from its pulumi-plugin.json: importing it takes two
        seconds."""
        package = PathFinder.find_spec("pulumi_cloudflare")
        if package is None or not package.submodule_search_locations:
            raise EngineError("pulumi_cloudflare is not installed in this environment", "run: make setup")
        description = Path(next(iter(package.submodule_search_locations)), "pulumi-plugin.json")
        return str(json.loads(description.read_bytes())["version"])

    def check_config(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        config = reveal_all(news)
        reasons = []
        token = _setting(config, "apiToken", API_TOKEN)
        if token is not UNKNOWN and not re.fullmatch(r"[0-9A-Za-z_-]{40,80}", str(token)):
            reasons.append("apiToken must be 40 to 80 letters, digits, hyphens and underscores")
        return news, [CheckFailure("", reason) for reason in reasons]

    def configure(self, config: Object) -> None:
        config = reveal_all(config)
        base_url, token = _setting(config, "baseUrl", BASE_URL), _setting(config, "apiToken", API_TOKEN)
        if UNKNOWN in (base_url, token):
            return
        check_loopback(str(base_url), self.version)
        self._api = Api(str(base_url), str(token))

    def _connected(self) -> Api:
        if self._api is None:
            raise EngineError("the cloudflare provider of this stack has no address yet: its baseUrl is not known")
        return self._api

    def _permission_groups(self, arguments: Object) -> Object:
        query = {name: arguments[name] for name in ("name", "scope") if arguments.get(name) is not None}
        path = PERMISSION_GROUPS_PATH.format_map(arguments) + (f"?{urlencode(query)}" if query else "")
        groups = self._connected().call("GET", path, permission="Account API Tokens Read") or []
        limit = arguments.get("maxItems")
        results: list[Value] = [{name: group[name] for name in ("id", "name", "scopes")} for group in groups]
        return {**arguments, "results": results[: limit if isinstance(limit, int) else MAX_GROUPS]}


def _setting(config: Object, name: str, variable: str) -> Value:
    value = config.get(name)
    return os.environ.get(variable, "") if value in (None, "") else value
