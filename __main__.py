"""The Pulumi program: the environment file of the same name as the stack."""

from pathlib import Path

import pulumi

from gatewright_components.environment_file.program import run

run(Path(__file__).parent, pulumi.get_stack())
