"""The environments of an account agree on each custom provider, which belongs to the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.shared_providers import account_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.nodes import Node
    from gatewright.environment.shared_providers import SharedProviders


def check_shared_providers(
    file: EnvironmentFile,
    enabled: Sequence[str],
    root: Node,
    shared: SharedProviders,
    variables: Mapping[str, str],
    diagnostics: Diagnostics,
) -> None:
    """Report a custom provider to which another environment of the same account gives another baseUrl."""
    account = account_key(root, variables)
    for slug in enabled:
        declared = file.providers.get(slug)
        if declared is None or declared.base_url is None:
            continue
        for user in shared.disagreeing(account, slug, declared.base_url):
            diagnostics.error(
                root.location_at("providers", slug, "baseUrl"),
                f"providers.{slug}.baseUrl",
                "shared-provider",
                f"a custom provider belongs to the account, and {user.environment} gives {slug} another baseUrl "
                f"({user.location}), {user.base_url}",
                "Use one baseUrl for both, or another provider name for one of them",
            )
