"""Generations of a token or a service token, as resources of a stack."""

from collections.abc import Callable, Sequence

import pulumi

from gatewright.cloudflare.generations import Generation, Plan


def keep_retiring(
    plan: Plan, live: Sequence[pulumi.CustomResource], register: Callable[[Generation], pulumi.CustomResource]
) -> None:
    """Keep the generations that retire while a run creates one: a run that creates a token revokes none.

    It creates one of `live` where an id is unknown, because this is a preview, or is not among the existing ones.
    """
    existing = frozenset[str]().union(*(generation.ids for generation in plan.live))

    def keep(ids: Sequence[object]) -> None:
        if not existing.issuperset(ids):
            for generation in plan.retiring:
                register(generation)

    if plan.retiring:
        pulumi.Output.all(*(resource.id for resource in live)).apply(keep, run_with_unknowns=True)
