"""policy lists the rules of policies.yaml with their results, and validate, preview and up check them."""

from __future__ import annotations

import json

import pytest

from gatewright.errors import ExitCode
from gatewright.project import Project

from .project import Call, write

RULES = """\
extends: gatewright:policies
rules:
  cached: {for: gateway, environments: [prod], require: gateway.cache != null, message: caching is on}
  short: {for: token, environments: [prod], require: token.validity <= days(60), message: tokens are short}
exceptions:
  - {rule: short, environments: [prod], who: Ann, why: an old client, until: 2099-12-31}
"""


@pytest.fixture
def policies(project: Project) -> None:
    project.policies.write_text(RULES, encoding="utf-8")


@pytest.mark.usefixtures("policies")
class TestCheck:
    def test_results(self, call: Call) -> None:
        result = call("policy", "prod")
        assert result.code == ExitCode.DONE
        rows = [line.split()[:3] for line in result.out.splitlines()]
        assert rows[0] == ["prod"]
        assert ["✓", "cached", "passed"] in rows
        assert ["=", "short", "excepted"] in rows
        assert ["!", "client-sends-team", "broken"] in rows
        assert "until 2099-12-31 by Ann: an old client" in result.out

    def test_a_broken_rule(self, call: Call, project: Project) -> None:
        write(project, "prod.yaml", "extends: base.yaml\naccount: {env: ACCOUNT}\n")
        result = call("policy", "check", "prod", "staging", "--format", "json")
        assert result.code == ExitCode.INVALID
        prod, staging = json.loads(result.out)["environments"]
        rules = {rule["name"]: rule for rule in prod["rules"]}
        (cached,) = rules["cached"]["results"]
        assert (cached["outcome"], cached["path"]) == ("broken", "gateway.cache")
        assert cached["location"].startswith("stacks/base.yaml:")
        (short,) = rules["short"]["results"]
        assert short["exception"] == {"who": "Ann", "why": "an old client", "until": "2099-12-31"}
        assert "cached" not in {rule["name"] for rule in staging["rules"]}

    @pytest.mark.parametrize("command", [["validate", "prod"], ["preview", "prod"], ["up", "prod", "--yes"]])
    def test_commands_that_check_the_rules(self, command: list[str], call: Call, project: Project) -> None:
        write(project, "prod.yaml", "extends: base.yaml\naccount: {env: ACCOUNT}\n")
        result = call(*command)
        assert result.code == ExitCode.INVALID
        assert "breaks policy cached: caching is on (policies.yaml:3)" in result.out + result.err

    def test_other_commands_do_not(self, call: Call, project: Project) -> None:
        write(project, "prod.yaml", "extends: base.yaml\naccount: {env: ACCOUNT}\n")
        assert call("show", "prod").code == ExitCode.DONE

    def test_an_invalid_environment(self, call: Call, project: Project) -> None:
        write(project, "prod.yaml", "extends: base.yaml\naccount: {env: ACCOUNT}\nuse: [grok]\n")
        result = call("policy", "prod")
        assert result.code == ExitCode.INVALID
        assert "is invalid, not evaluated" in result.out


def test_without_policies(call: Call) -> None:
    result = call("policy")
    assert result.code == ExitCode.USAGE
    assert "policies.yaml does not exist" in result.err


def test_a_broken_file(call: Call, project: Project) -> None:
    project.policies.write_text("rules: [\n", encoding="utf-8")
    for command in ("policy", "validate"):
        result = call(command, "prod")
        assert result.code == ExitCode.INVALID
        assert "policies.yaml:2:1" in result.out
