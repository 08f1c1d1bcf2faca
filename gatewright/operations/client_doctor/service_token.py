"""The service token with which the client passes Cloudflare Access: when it ends, and what renews it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from gatewright import clock
from gatewright.engine.doctor import Finding
from gatewright.facts.access import ACCESS_SERVICE_TOKEN
from gatewright.operations.client_doctor.context import ClientContext
from gatewright.operations.drift.expiry import ExpiryReader
from gatewright.operations.drift.model import FindingClass
from gatewright.operations.stack.pulumi import Step

_NAME = "service token"


def check_service_token(context: ClientContext) -> Iterator[Finding]:
    """Findings for a client that sends one of the stack's service tokens. The end is that of the last up or refresh."""
    if not context.tokens.service_tokens:
        return
    steps = [
        Step("same", ACCESS_SERVICE_TOKEN.token, str(outputs.get("name")), before=outputs, id=str(outputs.get("id")))
        for outputs in context.tokens.service_tokens
    ]
    reader = ExpiryReader(context.environment, None, clock.now(os.environ))
    findings = sorted(reader.findings(steps), key=lambda finding: finding.class_ is FindingClass.DUE)
    for finding in findings:
        fix = f"{finding.fix}; then {context.export_command} and start the client again"
        yield Finding(_NAME, finding.difference, fix, needed=finding.class_ is FindingClass.EXPIRING)
    if not findings:
        ends = max(str(outputs["expiresAt"]) for outputs in context.tokens.service_tokens)
        yield Finding(_NAME, f"valid until {clock.format_time(clock.parse_timestamp(ends))}")
