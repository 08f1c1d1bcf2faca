"""The gateway on the merged whole: settings that only make sense together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatewright.environment.model import EnvironmentFile
    from gatewright.environment.nodes import Node
    from gatewright.environment.problems import Report


def check_gateway(file: EnvironmentFile, name: str, root: Node, report: Report) -> None:
    """Reports what Cloudflare would refuse, or would silently take for something else."""
    gateway = file.gateway
    if len(name) > 64:
        report.error(
            root.place_at("gateway"),
            "gateway.name",
            "too-long",
            f"{name} has {len(name)} characters; at most 64 are allowed",
            "Name it: gateway.name",
        )
    if gateway.rate_limit and gateway.rate_limit.limit.amount % 1:
        report.error(
            root.place_at("gateway", "rateLimit"),
            "gateway.rateLimit.limit",
            "out-of-range",
            "must be a whole number of requests",
        )
    if gateway.logs.push_public_key and not gateway.logs.push:
        report.error(
            root.place_at("gateway", "logs"),
            "gateway.logs.pushPublicKey",
            "not-together",
            "has no use while gateway.logs.push is false",
        )
    dlp = gateway.dlp
    if dlp and bool(dlp.policies) == bool(dlp.action or dlp.profiles):
        report.error(
            root.place_at("gateway", "dlp"),
            "gateway.dlp",
            "not-together",
            "needs either policies, or action and profiles",
        )
    elif dlp and not dlp.policies and not (dlp.action and dlp.profiles):
        report.error(
            root.place_at("gateway", "dlp"),
            "gateway.dlp",
            "missing-key",
            "its simple form needs both action and profiles",
        )
    if file.routes and not gateway.authenticated:
        report.error(
            root.place_at("gateway", "authenticated"),
            "gateway.authenticated",
            "open-gateway",
            "routes run with the keys stored at Cloudflare: on a gateway without authentication anyone who knows its "
            "URL could spend them",
            "Set it to true, or remove the routes: routes: null",
        )
    ids = [rule.id for rule in gateway.spend_limits]
    for twice in sorted({each for each in ids if ids.count(each) > 1}):
        report.error(
            root.place_at("gateway", "spendLimits"),
            "gateway.spendLimits",
            "duplicate-id",
            f"has two rules with the id {twice}",
        )
