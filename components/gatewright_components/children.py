"""Options for the children of a component."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi

Transformation = Callable[[pulumi.ResourceTransformationArgs], pulumi.ResourceTransformationResult | None]


def child_options(type_: str, **options: Any) -> Transformation:
    """A transformation that adds resource options to the children of one type."""

    def transform(child: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if child.type_ != type_:
            return None
        merged = pulumi.ResourceOptions.merge(child.opts, pulumi.ResourceOptions(**options))
        return pulumi.ResourceTransformationResult(child.props, merged)

    return transform
