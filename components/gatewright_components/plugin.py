"""The component package `gatewright-components`: the components for Pulumi programs in any language.

The schema is inferred from the annotations and docstrings of the components and their arguments.
"""

import sys
from typing import Any

import pulumi
from pulumi.errors import InputPropertiesError
from pulumi.provider import ConstructResult
from pulumi.provider.experimental.analyzer import PropertyDefinition, PropertyType
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError
from pulumi.provider.server import main as serve

from gatewright import __version__
from gatewright_components.access import Access
from gatewright_components.client_files import ClientFiles
from gatewright_components.custom_domains import CustomDomains
from gatewright_components.custom_providers import CustomProviders
from gatewright_components.dynamic_routes import DynamicRoutes
from gatewright_components.environment import Environment
from gatewright_components.gateway import Gateway
from gatewright_components.provider_keys import ProviderKeys
from gatewright_components.tokens import Tokens

PACKAGE = "gatewright-components"
COMPONENTS: list[type[pulumi.ComponentResource]] = [
    Access,
    ClientFiles,
    CustomDomains,
    CustomProviders,
    DynamicRoutes,
    Environment,
    Gateway,
    ProviderKeys,
    Tokens,
]


class ComponentPackage(ComponentProvider):
    """Pulumi's host of components, stricter with inputs and with messages instead of tracebacks."""

    def __init__(self) -> None:
        super().__init__(COMPONENTS, PACKAGE, version=__version__)

    def construct(
        self, name: str, resource_type: str, inputs: pulumi.Inputs, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Register the component.

        Raises:
            InputPropertyError: a required input is missing.
            InputPropertiesError: an input has another type, or the component rejects its arguments.
        """
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, pulumi.RunError):
                raise InputPropertiesError(str(error.inner), []) from error
            raise

    def map_input_properties(
        self,
        inputs: pulumi.Inputs,
        properties: dict[str, PropertyDefinition],
        mapping: dict[str, str],
        component_name: str,
        property_path: str,
    ) -> pulumi.Inputs:
        """The inputs by the names of the fields.

        The SDK's method leaves integers as floats, fails on an integer that is an output, and reads any other output as
        an object without properties. Messages do not blame a property: the engine would print its value.
        """
        if not isinstance(inputs, dict):
            raise InputPropertiesError(f"{property_path}: {_OUTPUT}", [])
        integers = {}
        for name, definition in properties.items():
            value, path = inputs.get(name), ".".join(filter(None, (property_path, name)))
            if definition.plain and isinstance(value, pulumi.Output):
                raise InputPropertiesError(f"{path}: {_OUTPUT}", [])
            if definition.type is PropertyType.INTEGER and value is not None:
                integers[name] = _integer(value, path)
        others = {name: definition for name, definition in properties.items() if name not in integers}
        mapped = super().map_input_properties(inputs, others, mapping, component_name, property_path)
        return {**mapped, **{mapping[name]: value for name, value in integers.items()}}


_OUTPUT = "must be a plain value; only the values inside it can be outputs or secrets"


def _integer(value: Any, path: str) -> Any:
    if isinstance(value, pulumi.Output):
        return value
    if not isinstance(value, int | float) or value != int(value):
        raise InputPropertiesError(f"{path}: must be a whole number", [])
    return int(value)


def main() -> None:
    """Serve the package to the engine whose address is the first argument."""
    serve(ComponentPackage(), sys.argv[1:])


if __name__ == "__main__":
    main()
