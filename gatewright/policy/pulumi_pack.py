"""The rules of a policies.yaml as a policy pack for Pulumi: one of Pulumi's policies for each rule.

The package pulumi-policy is not a dependency of gatewright: the pack's requirements.txt installs it.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from gatewright.clock import now
from gatewright.diagnostics import Severity
from gatewright.policy.resources import Resource, check_resource, kinds_with_resources
from gatewright.policy.rules import read_policies

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.policy.rules import CompiledRule, Policies


def policy_pack(file: Path, name: str = "gatewright") -> Any:
    """Register a policy pack with the rules in `file`; its errors are printed, and end the program."""
    from pulumi_policy import (  # type: ignore[import-not-found]
        EnforcementLevel,
        PolicyPack,
        ResourceValidationPolicy,
    )

    policies = read_policies(file, file.name)
    errors = [each for each in policies.diagnostics if each.severity is Severity.ERROR]
    if errors:
        raise SystemExit("\n".join(f"{error.location} {error.sentence()}" for error in errors))
    return PolicyPack(
        name=name,
        enforcement_level=EnforcementLevel.MANDATORY,
        policies=[
            ResourceValidationPolicy(
                name=rule.name,
                description=rule.rule.message,
                enforcement_level=EnforcementLevel(rule.rule.level),
                validate=partial(_validate, policies, rule),
                remediation_steps=rule.rule.fix,
            )
            for rule in policies.rules
            if rule.rule.for_ in kinds_with_resources()
        ],
    )


def _validate(policies: Policies, rule: CompiledRule, args: Any, report_violation: Any) -> None:
    stack = args.urn.split(":")[2]
    resource = Resource(args.resource_type, args.props, stack, _account(args.props), bool(args.opts.protect))
    finding = check_resource(policies, rule, resource, now(os.environ))
    if finding.not_applicable:
        args.not_applicable(finding.not_applicable)
    if finding.violation:
        report_violation(finding.violation)


def _account(inputs: Any) -> str | None:
    """The account's id; None in a preview that does not know it."""
    from pulumi_policy.proxy import UnknownValueError  # type: ignore[import-not-found]

    try:
        return str(inputs["accountId"]) if "accountId" in inputs else None
    except UnknownValueError:
        return None
