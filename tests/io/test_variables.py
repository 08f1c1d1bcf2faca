"""The variables of a program that runs within this process."""

from __future__ import annotations

import os
from contextvars import copy_context

from gatewright.io.variables import set_variables, variables


def test_a_program_has_its_own() -> None:
    context = copy_context()
    context.run(set_variables, {"MARK": "of the program"})
    assert context.run(variables) == {"MARK": "of the program"}
    assert variables() is os.environ
