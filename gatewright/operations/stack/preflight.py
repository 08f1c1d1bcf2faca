"""What must be so before a real account is touched: all that is in the way is said at once."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from gatewright.cloudflare.credentials import check_credential
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.cloudflare.needed_permissions import needed_permissions
from gatewright.engine.doctor import Finding
from gatewright.engine.launchers import official_plugin, plugin_folder, users_pulumi_home
from gatewright.engine.variables import session
from gatewright.errors import CloudflareError, EngineError, RefusedError
from gatewright.import_file import read_imports
from gatewright.operations.stack.checks import Check, checked, require_all
from gatewright.operations.stack.conflicts import AlreadyThere
from gatewright.operations.stack.pulumi import Pulumi
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from gatewright.cli.screen import Screen
    from gatewright.cloudflare.client import Client
    from gatewright.engine.find import Engine
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project

DEPLOYING_TOKEN = "CLOUDFLARE_API_TOKEN"  # noqa: S105  # the variable's name


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

    def require_tools(self) -> None:
        """What a mere look needs: the account's id, a token, a state that can be opened, the plugin. Raises as one."""
        require_all(checked(self._tools()))

    def require_permissions(self) -> None:
        """What the deploying token needs. Raises RefusedError that names what it is known to lack."""
        with suppress(CloudflareError):  # then it is not known
            self._permissions()

    def _tools(self) -> list[Check]:
        return [
            Check("account", lambda: require_account(self.environment)),
            Check("deploying token", self._token),
            Check("state", self._state),
            Check("cloudflare plugin", self._plugin, after=("state",)),
        ]

    def checks(self) -> list[Check]:
        """All of them, those that need no network first."""
        environment, looked_at = self.environment, ("permissions", "state")
        found = [
            *self._tools(),
            Check("permissions", self._permissions, after=("account", "deploying token")),
            Check("gateway", lambda: self.there.gateway(), after=looked_at),
        ]
        if environment.routes:
            found.append(Check("routes", lambda: self.there.routes(), after=("gateway",)))
        if any(each.base_url for each in environment.providers.values()):
            found.append(Check("custom providers", lambda: self.there.custom_providers(), after=looked_at))
        if provider_keys(environment):
            found.append(Check("provider keys", lambda: self.there.keys(), after=looked_at))
        if environment.tokens:
            found.append(Check("tokens", lambda: self.there.tokens(), after=looked_at))
        return found

    def in_the_way(self, known: frozenset[tuple[str, str]]) -> tuple[str, ...]:
        """Why an up would be refused by what is at Cloudflare already, in its own words, as far as the token may look.
        `known` is what the stack has; nothing is asked where it has all."""
        imports = read_imports(self.project, self.environment.name)
        known |= {(each.type, each.name) for each in imports}
        there = AlreadyThere(self.environment, self.client, require_account(self.environment), known)
        checks = [
            Check("gateway", there.gateway),
            Check("routes", there.routes, after=("gateway",)),
            Check("custom providers", there.custom_providers),
            Check("provider keys", there.new_keys),
        ]
        errors = [each.error for each in checked(checks)]
        return tuple(
            f"{each.message} → {each.hint}"
            for each in errors
            if each and not isinstance(each, (RefusedError, CloudflareError))
        )

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
    def there(self) -> AlreadyThere:
        """What the account has already."""
        imports = read_imports(self.project, self.environment.name)
        known = self.pulumi.resources() | {(each.type, each.name) for each in imports}
        return AlreadyThere(self.environment, self.client, require_account(self.environment), known)

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
        return f"{session.masked(session.backend)}, secrets encrypted with {session.passphrase}"

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
        needed = needed_permissions(self.environment)
        found = check_credential(self.client, require_account(self.environment), needed)
        end = f"; the token ends {found.expires_on}" if found.expires_on else ""
        if found.unproven:
            return f"not proven, since the token may not read its own: {', '.join(found.unproven)}{end}"
        return ", ".join(need.name for need in needed) + end
