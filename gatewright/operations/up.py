"""up: deploy an environment with the engine."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.stored_keys import unset_variables
from gatewright.engine.old_runs import remove_newest_run, remove_old_runs
from gatewright.errors import CloudflareError, EngineError, RefusedError
from gatewright.frozen import frozen
from gatewright.operations.drift import remedies
from gatewright.operations.drift.accounts import Accounts
from gatewright.operations.interrupted import imported_interrupted
from gatewright.operations.plan.dry_run import dry_run, run_engine
from gatewright.operations.plan.model import Action
from gatewright.operations.plan.saved_plan import require_same_plan
from gatewright.operations.probe.smoke import smoke_target, smoke_test
from gatewright.operations.safeguards import needs_confirmation, needs_preview, require_only_due
from gatewright.operations.stack.open_stack import open_stack, require_space, restore_cut_off_state
from gatewright.operations.stack.preflight import check_account
from gatewright.operations.tokens.lost_tokens import lost_tokens
from gatewright.operations.tokens.newest_token import refresh_tokens
from gatewright.operations.tokens.run_token import RunToken
from gatewright.progress import Message, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.engine.find import Engine
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.context import PlanContext
    from gatewright.operations.plan.model import Plan
    from gatewright.operations.plan.saved_plan import SavedPlan
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.progress import Report, Step
    from gatewright.project import Project


@frozen
class UpOptions:
    """`saved_plan`: apply this plan or nothing; `only_due`: apply what the calendar brings or nothing; `refresh`: read
    the resources from Cloudflare first, so that changes made there are undone."""

    saved_plan: SavedPlan | None = None
    only_due: bool = False
    refresh: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """The engine's flags."""
        return ("--refresh",) if self.refresh else ()


def up(
    project: Project,
    context: PlanContext,
    engine: Engine,
    options: UpOptions,
    confirm: Callable[[], None],
    report: Report,
) -> Plan:
    """Deploy the environment and return the applied plan; a local Cloudflare must be running.

    `confirm` is called before a real account is changed, unless by a saved plan; an error that it raises ends the run.

    Raises a GatewrightError where a check fails, and ChangedPlanError where the plan is not the saved one, or more than
    what is due. Nothing is created before all checks have passed.
    """
    environment = context.environment
    restore_cut_off_state(project, environment.name, report)
    opened = open_stack(project, environment, engine) if environment.local else None
    with imported_interrupted(project, environment, engine, report, opened) as is_interrupted:
        pulumi = opened or check_account(project, environment, engine, report)
        has_saved_plan = options.saved_plan is not None
        if needs_preview(environment, has_saved_plan=has_saved_plan, only_due=options.only_due):
            plan = _preview(pulumi, context, options, report)
            if options.only_due and not require_only_due(plan):
                report(Message("nothing is due"))
                return plan
            if needs_confirmation(environment, plan, has_saved_plan=has_saved_plan):
                confirm()
        require_space(pulumi)
        pulumi.make_stack()
        applied = _apply(project, pulumi, context, options, report)
        if _imported_secrets(environment, applied):
            _encrypt_imported(project, pulumi, context, report)
        if is_interrupted:
            with suppress(EngineError):  # the next up does it
                pulumi.forget_interrupted()
        with suppress(OSError):  # the next up does it
            remove_old_runs(project, environment.name)
    if environment.local or environment.gateway.domains:
        outputs = pulumi.outputs()
        _show_domains(environment, outputs, report)
        if environment.local:
            _send_request(environment, outputs, report)
    return applied


def _preview(pulumi: Pulumi, context: PlanContext, options: UpOptions, report: Report) -> Plan:
    with step(report, "pulumi preview") as current, dry_run(pulumi, context, *options.flags) as result:
        _show(current, result.plan)
        if options.saved_plan:
            require_same_plan(result, options.saved_plan)
        return result.plan


def _apply(project: Project, pulumi: Pulumi, context: PlanContext, options: UpOptions, report: Report) -> Plan:
    environment = context.environment
    with step(report, "pulumi up") as current:
        applied = run_engine(pulumi, context, "up", "--yes", "--skip-preview", *options.flags)
        plan = applied.plan
        _show(current, plan.as_applied())
    refresh_tokens(project, environment, pulumi, os.environ)
    _report_lost_tokens(project, environment, applied.token_ids, report)
    if clients := plan.clients_to_reinstall:
        report(Message(f"to install again, where they run: {', '.join(clients)}"))
    if unset := unset_variables(environment, os.environ):
        details = tuple(f"{provider:<30}{variable} is not set" for provider, variable in unset.items())
        report(Message("keys kept as they are at Cloudflare", details))
    return plan


def _imported_secrets(environment: Environment, applied: Plan) -> bool:
    """Whether a gateway with exporters was imported. The plugin returns their secrets in clear, and the engine keeps
    the inputs of an import as they are, until its next run puts the program's in their place."""
    has_exporters = environment.gateway.otel or environment.gateway.stripe
    imported = (change.kind for change in applied.changes if change.action is Action.IMPORT)
    return bool(has_exporters) and "gateway" in imported


def _encrypt_imported(project: Project, pulumi: Pulumi, context: PlanContext, report: Report) -> None:
    """Remove the records of the run that imported secrets in clear, and run again."""
    with step(report, "pulumi up again: encrypt what was imported"):
        with suppress(OSError):  # the state itself matters more
            remove_newest_run(project, pulumi.stack)
        run_engine(pulumi, context, "up", "--yes", "--skip-preview")


def _report_lost_tokens(project: Project, environment: Environment, known: frozenset[str], report: Report) -> None:
    """Report each valid token that this run or an earlier one created without learning its value."""
    if not environment.tokens:
        return
    with Accounts(project) as accounts:
        account = accounts.of(environment)
        try:
            tokens = [token for token in account.tokens() if token["status"] != "expired"]
        except (RefusedError, CloudflareError):  # the up is done; drift says what the token may not list
            return
    for token in lost_tokens(environment.name, tokens, known):
        text = f"token {token['name']} is at Cloudflare and in no stack; nobody knows its value. To delete it:"
        report(Message(text, (remedies.delete(account.api, f"/tokens/{token['id']}"),)))


def _show(current: Step, plan: Plan) -> None:
    if not plan.changes:
        current.outcome = "unchanged"
    current.show(plan)


def _show_domains(environment: Environment, outputs: dict[str, Any], report: Report) -> None:
    """Report the CNAME target of each domain; Cloudflare creates the record only where the zone is declared."""
    domains = environment.gateway.domains
    if not domains:
        return
    with step(report, "domains") as current:
        for hostname, state in outputs["domains"].items():
            has_record = domains[hostname].zone is not None or state["status"] == "active"
            current.note(f"{hostname:<30}{'' if has_record else 'create a proxied '}CNAME {state['cname']}")
            if note := _describe_use(environment, hostname, is_active=state["status"] == "active"):
                current.note(f"{'':<30}{note}")


def _describe_use(environment: Environment, hostname: str, *, is_active: bool) -> str:
    """How the clients' setting fits the domain's status; empty if it does."""
    is_used = hostname in environment.used_domains
    if is_active:
        return "" if is_used else "active; for clients to use it: gateway: {endpoint: domain}"
    return "not active yet: requests of clients that use it fail until then" if is_used else ""


def _send_request(environment: Environment, outputs: dict[str, Any], report: Report) -> None:
    tokens = outputs.get("tokens") or {}
    for client in environment.clients.values():
        value, name = tokens.get(client.token), smoke_target(environment, client)
        if value and client.token and name:
            with step(report, "one request through it") as current:
                variables = {**os.environ, **_service_token(environment, outputs)}
                current.note(smoke_test(environment, name, RunToken(client.token, value, None), variables))
            return


def _service_token(environment: Environment, outputs: dict[str, Any]) -> dict[str, str]:
    """The stack's service token for Access, by its variables."""
    access, token = environment.gateway.access, outputs.get("serviceToken")
    parts = [token["clientId"], token["clientSecret"]] if token else []
    return dict(zip(access.headers.values(), parts, strict=True)) if access and parts else {}
