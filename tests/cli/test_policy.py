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


TESTS = """\
tests:
  - {name: right, environment: prod, override: {gateway: {cache: {ttl: 2h}}}, expect: {cache-at-most-1h: broken}}
  - {name: wrong, environment: prod, override: {gateway: {cache: {ttl: 1h}}}, expect: {cache-at-most-1h: broken}}
  - {name: excepted, environment: prod, today: 2026-12-01, expect: {short: excepted, cached: passed}}
  - {name: invalid, environment: prod, override: {gateway: {cache: {ttl: 1}}}, expect: {cached: passed}}
  - name: skipped
    environment: other
    file: {extends: "gatewright:catalog", account: {env: ACCOUNT}, use: [mistral]}
    expect: {cached: skipped, authenticated: passed}
"""


@pytest.mark.usefixtures("policies")
class TestTests:
    def test_results(self, call: Call, project: Project) -> None:
        (project.root / "policies.tests.yaml").write_text(TESTS, encoding="utf-8")
        result = call("policy", "test", "--format", "json")
        assert result.code == ExitCode.FAILED
        document = json.loads(result.out)
        assert document["failed"] == 2
        differences = {test["name"]: test["differences"] for test in document["tests"]}
        assert [name for name, found in differences.items() if not found] == ["right", "excepted", "skipped"]
        assert differences["wrong"] == ["cache-at-most-1h: expected broken, but it is passed"]
        (invalid,) = differences["invalid"]
        assert invalid.startswith("policies.tests.yaml:5:74 gateway.cache.ttl: expected a duration")
        assert "protected" in document["untested"]

    def test_a_folder(self, call: Call, project: Project) -> None:
        folder = project.root / "tests"
        folder.mkdir()
        assert call("policy", "test", "tests").code == ExitCode.USAGE
        (folder / "one.yaml").write_text("".join(TESTS.splitlines(keepends=True)[:2]), encoding="utf-8")
        result = call("policy", "test", "tests")
        assert (result.code, result.out.splitlines()[1]) == (ExitCode.DONE, "1 passed, 0 failed")

    @pytest.mark.parametrize(
        ("test", "message"),
        [
            ("{name: x, environment: pro, expect: {cached: passed}}", "environment pro does not exist"),
            (
                "{name: x, environment: prod, expect: {cache: passed}}",
                "rule cache does not exist. Did you mean cached?",
            ),
            (
                "{name: x, environment: prod, expect: {cached: good}}",
                "expected one of passed, broken, excepted, skipped",
            ),
            ("{name: x, environment: prod}", "missing key expect"),
            ("{name: x, environment: a, file: {}, override: {}, expect: {cached: passed}}", "override has no effect"),
        ],
    )
    def test_broken_tests(self, test: str, message: str, call: Call, project: Project) -> None:
        (project.root / "policies.tests.yaml").write_text(f"tests:\n  - {test}\n", encoding="utf-8")
        result = call("policy", "test")
        assert result.code == ExitCode.INVALID
        assert message in result.err


def test_init(call: Call, project: Project) -> None:
    assert call("policy", "init").code == ExitCode.DONE
    assert call("policy", "test").code == ExitCode.DONE
    assert call("policy", "prod").code == ExitCode.DONE
    before = project.policies.read_bytes()
    assert call("policy", "init").code == ExitCode.USAGE
    assert project.policies.read_bytes() == before
    assert project.policies.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=schemas/policies")


def test_init_of_a_pack(call: Call, project: Project) -> None:
    result = call("policy", "init", "--pulumi", "my pack")
    assert result.code == ExitCode.DONE
    assert "pulumi preview --policy-pack 'my pack'" in result.out
    names = ["PulumiPolicy.yaml", "__main__.py", "policies.yaml", "requirements.txt"]
    assert sorted(path.name for path in (project.root / "my pack").iterdir()) == names
    assert call("policy", "init", "--pulumi", "my pack").code == ExitCode.USAGE
