"""The checks before an engine run on a real account: all that fail are reported together."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

from gatewright.cloudflare.access import application_label, applications_in_front, list_allowed
from gatewright.cloudflare.credentials import check_credential
from gatewright.cloudflare.custom_domains import CustomDomains
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.cloudflare.needed_permissions import needed_permissions
from gatewright.engine.doctor import Examination, Finding
from gatewright.engine.launchers import official_plugin, plugin_folder, user_pulumi_home
from gatewright.engine.state import written_version
from gatewright.errors import CloudflareError, EngineError, RefusedError
from gatewright.facts.access import ACCESS_APPLICATION
from gatewright.import_file import read_imports
from gatewright.operations.stack.checks import Check, require_passed, run_checks
from gatewright.operations.stack.conflicts import Conflicts
from gatewright.operations.stack.open_stack import open_stack, require_not_newer
from gatewright.operations.stack.pulumi import names_of
from gatewright.progress import step
from gatewright.workspace import deploying_token, require_account, users_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.cloudflare.client import Client
    from gatewright.engine.find import Engine
    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.progress import Report
    from gatewright.project import Project


def check_account(project: Project, environment: Environment, engine: Engine, report: Report) -> Pulumi:
    """The engine on the environment's stack, once all checks have passed. Creates nothing.

    Raises a GatewrightError that lists what is missing on this machine, the permissions that the deploying token lacks,
    and the conflicts at Cloudflare.
    """
    with Preflight(project, environment, engine) as preflight, step(report, "checked, nothing changed yet") as current:
        results = []
        for result in run_checks(preflight.checks()):
            results.append(result)
            if result.detail:
                current.note(f"{result.name:<18}{result.detail}")
        require_passed(results)
        return preflight.pulumi


def examine_account(project: Project, environment: Environment, engine: Engine) -> Examination:
    """The same checks as findings of `gatewright doctor ENV`; installs nothing."""
    with Preflight(project, environment, engine, downloads=False) as preflight:
        return Examination(
            tuple(
                Finding(result.name, result.error.message, result.error.hint or "")
                if result.error
                else Finding(result.name, result.detail or "")
                for result in run_checks(preflight.checks())
            )
        )


class Preflight:
    """The checks of an environment's account, its deploying token and its stack."""

    def __init__(self, project: Project, environment: Environment, engine: Engine, *, downloads: bool = True) -> None:
        self.project = project
        self.environment = environment
        self.engine = engine
        self.downloads = downloads

    def __enter__(self) -> Preflight:
        return self

    def __exit__(self, *error: object) -> None:
        if "client" in self.__dict__:
            self.client.__exit__(*error)

    def require_tools(self) -> None:
        """Require what a preview needs: the account's id, a token, a readable state, the plugin. Raises one error."""
        require_passed(run_checks(self._tools()))

    def require_permissions(self) -> None:
        """Raise RefusedError that names the permissions that the deploying token is known to lack."""
        with suppress(CloudflareError):  # the token's permissions cannot be read
            self._permissions()

    def checks(self) -> list[Check]:
        """Every check; those that need no network come first."""
        environment, readable = self.environment, ("permissions", "state")
        checks = [
            *self._tools(),
            Check("permissions", self._permissions, after=("account", "deploying token")),
            Check("gateway", lambda: self._conflicts.gateway(), after=readable),
        ]
        if environment.routes:
            checks.append(Check("routes", lambda: self._conflicts.routes(), after=("gateway",)))
        if environment.gateway.policies:
            checks.append(Check("policies", lambda: self._conflicts.policies(), after=("gateway",)))
        if any(provider.base_url for provider in environment.providers.values()):
            checks.append(Check("custom providers", lambda: self._conflicts.custom_providers(), after=readable))
        if environment.gateway.domains:
            checks.append(Check("domains", self._domains, after=readable))
        if environment.gateway.access and environment.gateway.access.is_created:
            checks.append(Check("access", lambda: self._conflicts.access(), after=readable))
        if provider_keys(environment):
            checks.append(Check("provider keys", lambda: self._conflicts.keys(), after=readable))
        if environment.tokens:
            checks.append(Check("tokens", lambda: self._conflicts.tokens(), after=readable))
        return checks

    def conflicts(self, known: frozenset[tuple[str, str]]) -> tuple[str, ...]:
        """Why an up would be refused, as far as the token may read: resources that exist at Cloudflare already.

        `known` are the resources in the stack; no call is made where they are all that the environment declares.
        """
        conflicts = self._conflicts_beside(known)
        checks = [
            Check("gateway", conflicts.gateway),
            Check("routes", conflicts.routes, after=("gateway",)),
            Check("policies", conflicts.policies, after=("gateway",)),
            Check("access", conflicts.access),
            Check("custom providers", conflicts.custom_providers),
            Check("provider keys", conflicts.new_keys),
        ]
        errors = [result.error for result in run_checks(checks)]
        return tuple(
            f"{error.message} → {error.hint}"
            for error in errors
            if error and not isinstance(error, (RefusedError, CloudflareError))
        )

    @cached_property
    def pulumi(self) -> Pulumi:
        """The engine on the stack. Raises EngineError for an empty passphrase."""
        return open_stack(self.project, self.environment, self.engine)

    @cached_property
    def client(self) -> Client:
        """Cloudflare, with the deploying token."""
        from gatewright.cloudflare.client import Client

        return Client(api_token=deploying_token(self.environment))

    @cached_property
    def _conflicts(self) -> Conflicts:
        state = self.pulumi.state()
        require_not_newer(written_version(state), self.environment.name)
        return self._conflicts_beside(names_of(state))

    def _conflicts_beside(self, known: frozenset[tuple[str, str]]) -> Conflicts:
        imports = read_imports(self.project, self.environment.name)
        known |= {(entry.type, entry.name) for entry in imports}
        users = partial(users_of, self.project, self.environment)
        return Conflicts(self.environment, self.client, require_account(self.environment), known, users)

    def _tools(self) -> list[Check]:
        return [
            Check("account", lambda: require_account(self.environment)),
            Check("deploying token", self._token),
            Check("state", self._state),
            Check("cloudflare plugin", self._plugin, after=("state",)),
        ]

    def _token(self) -> str:
        deploying_token(self.environment)
        return f"${self.environment.deploy_variable}"

    def _state(self) -> str:
        session = self.pulumi.session
        return f"{session.mask(session.backend)}, secrets encrypted with {session.passphrase}"

    def _plugin(self) -> str:
        """The official plugin, which a real account needs: the stand-in connects to loopback only."""
        folder = plugin_folder(user_pulumi_home(self.project))
        version = folder.name.removeprefix("resource-cloudflare-v")
        if official_plugin(self.project) is None:
            if not self.downloads:
                return f"{version} is not installed yet; up installs it"
            try:
                self.pulumi.capture("plugin", "install", "resource", "cloudflare", version)
            except EngineError as error:
                raise EngineError(
                    f"a real account needs Cloudflare's official plugin {version}, which is not installed and cannot be"
                    " downloaded here; the stand-in connects to this machine only",
                    f"On a machine with a network: pulumi plugin install resource cloudflare {version}; or copy that"
                    f" plugin into {folder}",
                ) from error
        return f"official, {version}"

    def _domains(self) -> str:
        """The status of the custom domains."""
        environment = self.environment
        domains = CustomDomains(self.client, require_account(environment), environment.gateway_name)
        existing = {hostname: domains.get(hostname) for hostname in environment.gateway.domains}
        states = [
            f"{hostname} {domain.status if domain else 'is not created yet'}" for hostname, domain in existing.items()
        ]
        return ", ".join([*states, *self._undeclared_access()])

    def _undeclared_access(self) -> Iterator[str]:
        """Access applications in front of domains whose clients do not send a service token, if the token may look."""
        environment = self.environment
        if environment.gateway.access is None:
            apps = list_allowed(self.client, require_account(environment), ACCESS_APPLICATION) or ()
            for app in applications_in_front(apps, environment.gateway.domains):
                name = application_label(app)
                yield f"blocked by Access application {name} until clients pass it: gateway: {{access: true}}"

    def _permissions(self) -> str:
        needed = needed_permissions(self.environment)
        name = self.environment.deploy_variable
        credential = check_credential(self.client, require_account(self.environment), needed, name)
        end = f"; the token expires {credential.expires_on}" if credential.expires_on else ""
        if credential.unproven:
            return f"not verified, since the token may not read itself: {', '.join(credential.unproven)}{end}"
        return ", ".join(need.name for need in needed) + end
