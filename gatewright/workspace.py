"""Opens the environments of a project, for the operations and the Pulumi program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.clients import CAPABILITIES
from gatewright.clock import now
from gatewright.command_line import command
from gatewright.diagnostics import Severity, did_you_mean
from gatewright.environment.files import Files
from gatewright.environment.load import Loaded, Loader, is_stack_name, load
from gatewright.environment.shared_providers import provider_users
from gatewright.errors import InvalidEnvironmentError, RefusedError, UsageError
from gatewright.io.printable import plural
from gatewright.io.variables import variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.diagnostics import Diagnostic
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


def files_of(project: Project) -> Files:
    """The project's environment files."""
    return Files(project.stacks, project.shown(project.stacks))


def select(project: Project, names: Sequence[str], *, every: bool = False, with_policies: bool = False) -> list[Loaded]:
    """Load the named environments, or all with `every` or without names. Each file that they need is read once.

    `with_policies`: an environment that breaks a mandatory rule of policies.yaml is invalid.

    Raises:
        UsageError: an environment does not exist.
    """
    files = files_of(project)
    folder = project.shown(project.stacks)
    for name in names:
        if not (is_stack_name(name) and files.exists(f"{name}.yaml")) and name not in files.names():
            hint = did_you_mean(name, files.names()) or f"Create it: {command('new NAME')}"
            raise UsageError(f"environment {name} does not exist: {folder}/{name}.yaml is missing", hint)
    selected = files.names() if every or not names else dict.fromkeys(names)
    if not selected and not names:
        raise UsageError(f"no environment in {folder}", f"Create one: {command('new NAME')}")
    loader = Loader(files, CAPABILITIES, variables())
    loaded = [loader.load(name) for name in selected]
    if with_policies and project.policies.is_file():
        from gatewright.policy.check import check_all  # most projects have no policies
        from gatewright.policy.rules import read_policies

        policies = read_policies(project.policies, project.shown(project.policies))
        return [*check_all(policies, loaded, files.names(), now(variables())).environments]
    return loaded


def open_one(project: Project, name: str) -> Environment:
    """Load one environment.

    Raises:
        UsageError: it does not exist.
        InvalidEnvironmentError: it has errors.
    """
    (loaded,) = select(project, [name])
    return require(loaded)


def require(loaded: Loaded) -> Environment:
    """The environment.

    Raises:
        InvalidEnvironmentError: it has errors.
    """
    if loaded.environment is None:
        errors = [diagnostic for diagnostic in loaded.diagnostics if diagnostic.severity is Severity.ERROR]
        raise InvalidEnvironmentError(f"{loaded.name} is invalid: {plural(len(errors), 'error')}", errors)
    return loaded.environment


def load_edited(project: Project, name: str, text: str) -> Loaded:
    """Load environment `name` as if its own file held `text`."""
    files = files_of(project)
    files.override(f"{name}.yaml", text)
    return load(files, name, CAPABILITIES, variables())


def new_errors(project: Project, texts: Mapping[str, str]) -> list[Diagnostic]:
    """The errors that environments get if files hold `texts`, by their names in stacks/, and do not have now.

    An error is known by its environment, path, code and message; an edit moves its location.
    """
    files = files_of(project)
    affected = [name for name in files.names() if not files.sources(name).isdisjoint(texts)]
    before = _errors(files, affected)
    for file, text in texts.items():
        files.override(file, text)
    new = (error for key, error in _errors(files, affected).items() if key not in before)
    return list(dict.fromkeys(new))


def _errors(files: Files, names: Sequence[str]) -> dict[tuple[str, str, str, str], Diagnostic]:
    loader = Loader(files, CAPABILITIES, variables())
    return {
        (name, diagnostic.path, diagnostic.code, diagnostic.message): diagnostic
        for name in names
        for diagnostic in loader.load(name).diagnostics
        if diagnostic.severity is Severity.ERROR
    }


def users_of(project: Project, environment: Environment, slug: str) -> tuple[str, ...]:
    """The other environments of the project that declare custom provider `slug` in the same account."""
    return provider_owners(
        project, environment.account_id or f"${environment.account_variable}", slug, environment.name
    )


def provider_owners(project: Project, account: str, slug: str, other_than: str) -> tuple[str, ...]:
    """The same for an account, which is a key as of `account_key`."""
    users = provider_users(files_of(project), slug, account, variables(), other_than=other_than)
    return tuple(user.environment for user in users)


def deploying_token(environment: Environment) -> str:
    """The value of the environment's deploying token.

    Raises:
        RefusedError: its variable is not set.
    """
    name, variable = environment.name, environment.deploy_variable
    value = variables().get(variable, "").strip()
    if not value:
        raise RefusedError(
            f"{variable} is not set; {name} is deployed with a token of its own",
            f"Create it with {command(f'bootstrap {name}')}, or by hand: {command(f'permissions {name}')} lists "
            f"what it needs; then: export {variable}=…",
        )
    return value


def deploy_variables(project: Project) -> set[str]:
    """The variables that the environment files name for their deploying tokens."""
    files = files_of(project)
    variables = [node.at("deploy", "env") for name in files.names() if (node := files.own_node(name))]
    return {str(variable.value) for variable in variables if variable}


def another_account(name: str, deployed: str, declared: str) -> InvalidEnvironmentError:
    """The error that stack `name` belongs to account `deployed`, and its file declares account `declared`."""
    return InvalidEnvironmentError(
        f"stack {name} belongs to account {deployed}, but its file declares {declared}: every resource would be "
        "replaced",
        hint=f"Restore the account in stacks/{name}.yaml, or use a different stack for the new account",
    )


def require_account(environment: Environment) -> str:
    """The account's id.

    Raises:
        InvalidEnvironmentError: the variable that holds it is not set.
    """
    if environment.account_id is None:
        variable = environment.account_variable
        message = f"{environment.name} needs its account id, but {variable} is not set"
        raise InvalidEnvironmentError(message, hint=f"export {variable}=…")
    return environment.account_id
