"""What must be so before a real account is touched: all that is in the way is said at once."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from gatewright.cloudflare.needed_permissions import needed_permissions
from gatewright.errors import CloudflareError, EngineError, GatewrightError, RefusedError
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.facts.resources import AI_GATEWAY
from gatewright.local.engine.doctor import Finding
from gatewright.local.engine.launchers import official_plugin, plugin_folder, users_pulumi_home
from gatewright.local.engine.variables import session
from gatewright.operations.checks import Check, checked, require_all
from gatewright.operations.environments import require_account
from gatewright.operations.import_file import read_imports
from gatewright.operations.pulumi import Pulumi

if TYPE_CHECKING:
    from collections.abc import Collection

    from gatewright.cloudflare.client import Client
    from gatewright.environment.resolved import Environment
    from gatewright.local.engine.find import Engine
    from gatewright.project import Project
    from gatewright.screen import Screen

DEPLOYING_TOKEN = "CLOUDFLARE_API_TOKEN"  # noqa: S105  # the variable's name
ROUTE, CUSTOM_PROVIDER = "gatewright:index:DynamicRoute", "gatewright:index:CustomProvider"


def ready(project: Project, environment: Environment, engine: Engine, screen: Screen) -> Pulumi:
    """The engine on the environment's stack, with everything that it needs.

    Raises a GatewrightError that names all that is in the way: what is missing here, what the deploying token lacks,
    and what is at Cloudflare already. Nothing has been created then.
    """
    with RealAccount(project, environment, engine) as account, screen.step("checked, nothing changed yet") as step:
        results = []
        for result in checked(account.checks()):
            results.append(result)
            if result.found:
                step.note(f"{result.name:<18}{result.found}")
        require_all(results)
        return account.pulumi


def examine(project: Project, environment: Environment, engine: Engine) -> list[Finding]:
    """The same, as the lines of `gatewright doctor ENV`, which gets nothing that is missing."""
    with RealAccount(project, environment, engine, downloads=False) as account:
        return [
            Finding(each.name, each.error.message, each.error.hint or "")
            if each.error
            else Finding(each.name, each.found or "")
            for each in checked(account.checks())
        ]


class RealAccount:
    """One environment's account, its deploying token and its stack, with what there is to check of them."""

    def __init__(self, project: Project, environment: Environment, engine: Engine, *, downloads: bool = True) -> None:
        self.project = project
        self.downloads = downloads
        self.environment = environment
        self.engine = engine

    def __enter__(self) -> RealAccount:
        return self

    def __exit__(self, *error: object) -> None:
        if "client" in self.__dict__:
            self.client.__exit__(*error)

    def checks(self) -> list[Check]:
        """All of them, those that need no network first."""
        environment = self.environment
        proven = ("permissions",)
        found = [
            Check("account", lambda: require_account(environment)),
            Check("deploying token", self._token),
            Check("state", self._state),
            Check("cloudflare plugin", self._plugin, after=("state",)),
            Check("permissions", self._permissions, after=("account", "deploying token")),
            Check("gateway", self._gateway, after=(*proven, "state")),
        ]
        if environment.routes:
            found.append(Check("routes", self._routes, after=("gateway",)))
        if any(each.base_url for each in environment.providers.values()):
            found.append(Check("custom providers", self._custom_providers, after=(*proven, "state")))
        if environment.tokens:
            found.append(Check("tokens", self._tokens, after=proven))
        return found

    @cached_property
    def pulumi(self) -> Pulumi:
        """The engine on the stack. Raises EngineError where its secrets would be encrypted with nothing."""
        stack = self.environment.name
        return Pulumi(self.project, self.engine, session(self.project, self.engine, stack), stack)

    @cached_property
    def client(self) -> Client:
        """Cloudflare, by the deploying token."""
        from gatewright.cloudflare.client import Client

        return Client()

    @cached_property
    def known(self) -> frozenset[tuple[str, str]]:
        """Type and name of what the stack has, or is about to take over."""
        imports = read_imports(self.project, self.environment.name)
        return self.pulumi.resources() | {(each.type, each.name) for each in imports}

    def _token(self) -> str:
        if not os.environ.get(DEPLOYING_TOKEN, "").strip():
            name = self.environment.name
            raise RefusedError(
                f"{DEPLOYING_TOKEN} is not set: {name} is deployed with a token of its own",
                f"gatewright bootstrap {name} makes it; gatewright permissions {name} says what it needs, and where to "
                f"make it by hand; then: export {DEPLOYING_TOKEN}=…",
            )
        return f"${DEPLOYING_TOKEN}"

    def _state(self) -> str:
        session = self.pulumi.session
        return f"{session.backend}, secrets encrypted with {session.passphrase}"

    def _plugin(self) -> str:
        """A real account needs the official plugin: the stand-in speaks to loopback only."""
        folder = plugin_folder(users_pulumi_home(self.project))
        version = folder.name.removeprefix("resource-cloudflare-v")
        if official_plugin(self.project) is None:
            if not self.downloads:
                return f"{version} is not here yet; up gets it"
            try:
                self.pulumi.ask("plugin", "install", "resource", "cloudflare", version)
            except EngineError as error:
                raise EngineError(
                    f"a real account needs Cloudflare's official plugin {version}, which is not installed and cannot be"
                    " downloaded here; the stand-in that is here speaks to this machine only",
                    f"On a machine with a network: pulumi plugin install resource cloudflare {version}; or copy that"
                    f" plugin into {folder}",
                ) from error
        return f"official, {version}"

    def _permissions(self) -> str:
        from gatewright.cloudflare.credentials import check_credential

        needed = needed_permissions(self.environment)
        found = check_credential(self.client, require_account(self.environment), needed)
        end = f"; the token ends {found.expires_on}" if found.expires_on else ""
        if found.unproven:
            return f"not proven, since the token may not read its own: {', '.join(found.unproven)}{end}"
        return ", ".join(need.name for need in needed) + end

    def _gateway(self) -> str:
        account, name = require_account(self.environment), self.environment.gateway_name
        if (AI_GATEWAY.token, name) in self.known:
            return f"{name}, of this stack"
        try:
            self.client.get(f"/accounts/{account}/ai-gateway/gateways/{name}")
        except CloudflareError as error:
            if error.status != 404:
                raise
            return f"{name}, to be made"
        raise GatewrightError(
            f"account {account} has a gateway {name} already, which stack {self.environment.name} did not make",
            f"Take it over: gatewright adopt {self.environment.name}; or choose another name: gateway: {{name: …}}",
        )

    def _routes(self) -> str:
        from gatewright.cloudflare.dynamic_routes import DynamicRoutes

        missing = self._unknown(ROUTE, self.environment.routes)
        if missing and (AI_GATEWAY.token, self.environment.gateway_name) in self.known:
            routes = DynamicRoutes(self.client, require_account(self.environment), self.environment.gateway_name)
            self._require_none("route", missing & {each.name for each in routes.listed()})
        return self._counted(self.environment.routes, missing)

    def _custom_providers(self) -> str:
        from gatewright.cloudflare.custom_providers import CustomProviders

        custom = [name for name, each in self.environment.providers.items() if each.base_url]
        missing = self._unknown(CUSTOM_PROVIDER, custom)
        if missing:
            there = CustomProviders(self.client, require_account(self.environment)).listed()
            self._require_none("custom provider", missing & {each.slug for each in there})
        return self._counted(custom, missing)

    def _tokens(self) -> str:
        from gatewright.cloudflare.account_tokens import MOST, AccountTokens

        account = require_account(self.environment)
        count = AccountTokens(self.client, account).count()
        if count >= MOST:
            raise GatewrightError(
                f"account {account} has {count} API tokens, and Cloudflare lets it have no more than {MOST}",
                f"Delete some that nobody uses: {ACCOUNT_TOKENS}",
            )
        return f"{count} of at most {MOST} in the account"

    def _unknown(self, kind: str, names: Collection[str]) -> set[str]:
        return {name for name in names if (kind, name) not in self.known}

    def _require_none(self, noun: str, there: set[str]) -> None:
        if there:
            names = f"{noun}{'s' * (len(there) != 1)} {', '.join(sorted(there))}"
            stack = self.environment.name
            raise GatewrightError(
                f"Cloudflare has {names} already, which stack {stack} did not make",
                f"Take over what is there: gatewright adopt {stack}; or delete it there, or choose another name",
            )

    @staticmethod
    def _counted(names: Collection[str], missing: Collection[str]) -> str:
        return f"{len(names)}, {len(missing)} of them to be made"
