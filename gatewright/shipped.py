"""The files that the package ships beside its code: schemas and the catalog; and the program of a project.

A wheel holds them in gatewright/shipped, at the paths that they have in the repository.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_ROOT = _PACKAGE / "shipped" if (_PACKAGE / "shipped").is_dir() else _PACKAGE.parent

SCHEMAS = _ROOT / "schemas"
"""The JSON schemas of the environment files, the clients' files and the JSON documents."""
CATALOG = _ROOT / "stacks" / "catalog.yaml"
"""The providers and models with their limits and prices, `gatewright:catalog` in `extends`."""

PROGRAM_NAME = "__main__.py"
PROGRAM = '''\
"""The Pulumi program: each stack deploys the environment file of its name."""

from pathlib import Path

import pulumi
from gatewright_components.environment_file.program import run

run(Path(__file__).parent, pulumi.get_stack())
'''
