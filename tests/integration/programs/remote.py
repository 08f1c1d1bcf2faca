"""The YAML program program.yaml, run by Python: every component is registered as a remote one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pulumi
import yaml

PROGRAM = yaml.safe_load(Path(__file__).with_name("program.yaml").read_text())
READ = re.findall(r"\$\{(\w+)\.(\w+)", str(PROGRAM))


class Program:
    """The values that names in `${…}` refer to."""

    def __init__(self) -> None:
        config = pulumi.Config()
        self.values: dict[str, Any] = {
            name: config.require_secret(name) if setting.get("secret") else config.require(name)
            for name, setting in PROGRAM["config"].items()
        }

    def register(self, key: str, resource: dict[str, Any]) -> None:
        package, kind = resource["type"].split(":")
        inputs = {property_: None for read, property_ in READ if read == key} | self.resolve(resource["properties"])
        depends_on = self.resolve(resource.get("options", {}).get("dependsOn", []))
        options = pulumi.ResourceOptions(depends_on=depends_on)
        token = f"{package}:index:{kind}"
        self.values[key] = (
            pulumi.CustomResource(token, resource["name"], inputs, options)
            if package == "gatewright"
            else pulumi.ComponentResource(token, resource["name"], inputs, options, remote=True)
        )

    def resolve(self, value: Any) -> Any:
        match value:
            case dict():
                return {name: self.resolve(inner) for name, inner in value.items()}
            case list():
                return [self.resolve(inner) for inner in value]
            case str() if reference := re.fullmatch(r'\$\{(\w+)(?:\.(\w+))?(?:\["(\w+)"\])?\}', value):
                name, property_, key = reference.groups()
                resolved = getattr(self.values[name], property_) if property_ else self.values[name]
                return resolved[key] if key else resolved
            case _:
                return value


program = Program()
for key, resource in PROGRAM["resources"].items():
    program.register(key, resource)
for name, value in PROGRAM["outputs"].items():
    pulumi.export(name, program.resolve(value))
