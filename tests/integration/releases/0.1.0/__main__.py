"""The Pulumi program: each stack deploys the environment file of its name."""

from pathlib import Path

import pulumi
from gatewright_components.environment_file.program import run

run(Path(__file__).parent, pulumi.get_stack())
