"""The Pulumi program: the environment that is called like the stack."""

from pathlib import Path

import pulumi
from gatewright_components.environment import Environment
from gatewright_components.problems import open_environment

environment = Environment(open_environment(Path(__file__).parent, pulumi.get_stack()))
for name, output in environment.exports().items():
    pulumi.export(name, output)
