"""policies.schema.json accepts what the reader accepts."""

from __future__ import annotations

import json

import pytest
import yaml
from jsonschema import Draft202012Validator

from gatewright.policy.rules import SHIPPED
from gatewright.policy.schema import policies_schema_text, policy_tests_schema_text
from gatewright.shipped import SCHEMAS

from .test_cases import CASES

SCHEMA = json.loads(policies_schema_text())


def test_the_files_are_up_to_date() -> None:
    assert (SCHEMAS / "policies.schema.json").read_text(encoding="utf-8") == policies_schema_text()
    assert (SCHEMAS / "policy-tests.schema.json").read_text(encoding="utf-8") == policy_tests_schema_text()


@pytest.mark.parametrize("case", ["starter", "failing-rules", "places", "override"])
def test_cases_fit_it(case: str) -> None:
    Draft202012Validator(SCHEMA).validate(yaml.safe_load((CASES / case / "policies.yaml").read_text(encoding="utf-8")))


def test_the_shipped_rules_fit_it() -> None:
    Draft202012Validator(SCHEMA).validate(yaml.safe_load(SHIPPED.read_text(encoding="utf-8")))


def test_a_misspelt_key_does_not_fit() -> None:
    rules = {"rules": {"closed": {"for": "gateways", "requires": "true"}}}
    assert len([*Draft202012Validator(SCHEMA).iter_errors(rules)]) == 2
