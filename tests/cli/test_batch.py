"""What each command prints and exits with over several environments, one of which is invalid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gatewright.cli.batch import json_entries, print_summary
from gatewright.errors import EngineError, ExitCode
from gatewright.operations.batch import Outcome

from .project import write

if TYPE_CHECKING:
    from gatewright.project import Project

    from .project import Call

ALL = ["bad", "dev", "local", "prod", "staging"]


@pytest.fixture
def bad(project: Project) -> None:
    write(project, "bad.yaml", "extends: base.yaml\nlocal: true\ngatewai: {}\n")


def table(out: str) -> dict[str, str]:
    """The last column of the summary, by environment."""
    lines = out.rpartition("\n\n")[2].splitlines()[:-1]
    return {line.split()[0]: line.partition(" ")[2].strip() for line in lines}


@pytest.mark.usefixtures("bad")
class TestOneOfThemIsBad:
    def test_validate(self, call: Call) -> None:
        result = call("validate", "--all")
        assert result.code == ExitCode.INVALID
        assert result.out.splitlines()[-2:] == ["4 of 5 valid", "To show the notes: gatewright validate --notes"]
        assert "\n1 of 2 valid\n" in call("validate", "bad", "dev").out
        assert " of " not in call("validate", "dev").out

    def test_render(self, call: Call, project: Project) -> None:
        result = call("render", "--all")
        assert result.code == ExitCode.INVALID
        assert "stacks/bad.yaml:3:1" in result.err
        assert "bad: bad is invalid: 1 error" in result.err
        assert sorted(each.name for each in project.out.iterdir()) == ALL[1:]
        assert result.out.splitlines()[0] == "dev"
        assert list(table(result.out)) == ALL
        assert table(result.out)["bad"] == "✗ bad is invalid: 1 error"
        assert result.out.endswith("\n4 of 5 done, 1 failed\n")

    def test_render_of_the_others_has_nothing_to_do(self, call: Call, project: Project) -> None:
        assert call("render", "dev", "staging").code == ExitCode.DONE
        assert call("render", "dev", "staging", "--check").code == ExitCode.DONE
        (project.out / "staging" / "openclaw.json").unlink()
        result = call("render", "dev", "staging", "--check")
        assert result.code == ExitCode.CHANGES
        assert table(result.out)["staging"].startswith("1 of 5 files missing or different")
        assert table(result.out)["dev"].startswith("0 of 5")
        assert call("render", "bad", "staging", "--check").code == ExitCode.INVALID  # worse than a change

    def test_show(self, call: Call) -> None:
        result = call("show", "bad", "dev", "prod", "routes")
        assert result.code == ExitCode.INVALID
        assert [line.split(" ·")[0] for line in result.out.splitlines() if " · http" in line] == ["dev", "prod"]
        assert "\nmodels" not in result.out
        assert list(table(result.out)) == ["bad", "dev", "prod"]

    def test_show_as_json(self, call: Call) -> None:
        result = call("show", "--all", "tokens", "--format", "json")
        assert result.code == ExitCode.INVALID
        shown = {each.pop("name"): each for each in json.loads(result.out)["environments"]}
        assert list(shown) == ALL
        assert shown["bad"]["error"]["exitCode"] == ExitCode.INVALID
        assert all([*shown[name]] == ["tokens"] for name in ALL[1:])

    def test_permissions(self, call: Call) -> None:
        result = call("permissions")
        assert result.code == ExitCode.INVALID
        assert "prod: deploying token" in result.out
        assert table(result.out)["bad"] == "✗ bad is invalid: 1 error"
        listed = call("permissions", "--all", "--format", "json")
        assert listed.code == ExitCode.INVALID
        assert [each["environment"] for each in json.loads(listed.out)] == ALL[1:]


def test_json_has_all_in_the_order_asked_for() -> None:
    found = json_entries([Outcome("b", error=EngineError("no")), Outcome("c"), Outcome("a", 1)], lambda n: {"value": n})
    assert [each["name"] for each in found] == ["b", "c", "a"]
    assert [each.get("value") for each in found] == [None, None, 1]
    assert found[1]["error"] == {"message": "interrupted before it started", "hint": None, "exitCode": 130}


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("pulumi failed on stack b:\nincorrect passphrase\nmore", "✗ pulumi failed on stack b: incorrect passphrase"),
        (
            "2 checks failed:\n  no token\n    → make one\n  no state",
            "✗ 2 checks failed: no token",
        ),
        ("it is not there\nat all", "✗ it is not there"),
        ("pulumi failed:", "✗ pulumi failed"),
    ],
)
def test_the_table_gives_the_reason_on_one_line(message: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_summary([Outcome("a", 1), Outcome("b", error=EngineError(message))], str)
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("b "))
    assert row.partition(" ")[2].strip() == reason


class TestOne:
    """What one environment prints is the same as ever."""

    @pytest.mark.parametrize("command", ["render", "show", "permissions"])
    def test_without_a_table(self, command: str, call: Call) -> None:
        result = call(command, "dev")
        assert result.code == ExitCode.DONE
        assert " done\n" not in result.out
        assert not result.out.startswith("dev\n")

    def test_json(self, call: Call) -> None:
        assert list(json.loads(call("show", "dev", "roles", "--format", "json").out)) == ["roles"]


class TestUsage:
    @pytest.mark.parametrize("command", ["preview", "drift", "render", "show"])
    def test_none_is_named(self, command: str, call: Call) -> None:
        result = call(command)
        assert result.code == ExitCode.USAGE
        assert "Environments: dev, local, prod, staging" in result.err

    @pytest.mark.parametrize("command", ["preview", "drift", "render", "show"])
    def test_names_and_all(self, command: str, call: Call) -> None:
        result = call(command, "dev", "--all")
        assert result.code == ExitCode.USAGE

    @pytest.mark.parametrize("command", ["preview", "drift", "render", "show", "validate", "permissions"])
    def test_no_such_environment(self, command: str, call: Call) -> None:
        result = call(command, "dev", "stagin")
        assert result.code == ExitCode.USAGE
        assert "Did you mean staging?" in result.err
        assert result.out == ""

    def test_a_folder_for_several(self, call: Call) -> None:
        assert call("render", "dev", "prod", "--out", "x").code == ExitCode.USAGE

    def test_up_asks_before_it_begins(self, call: Call) -> None:
        result = call("up", "dev", "prod")
        assert result.code == ExitCode.USAGE
        assert "cannot ask before changing the real accounts of dev and prod" in result.err
        assert "gatewright up dev prod --yes" in result.err

    def test_a_plan_is_kept_in_a_folder_that_is_there(self, call: Call, project: Project) -> None:
        result = call("preview", "dev", "--save", str(project.root / "nowhere" / "x"))
        assert result.code == ExitCode.USAGE
        assert f"folder {project.root / 'nowhere'} does not exist" in result.err

    def test_a_saved_plan_has_not_looked_at_cloudflare(self, call: Call, project: Project) -> None:
        result = call("up", "dev", "--plan", str(project.root / "Pulumi.yaml"), "--refresh")
        assert result.code == ExitCode.USAGE
        assert "gatewright up ENV --refresh" in result.err

    def test_up_with_the_plan_of_one(self, call: Call, project: Project) -> None:
        assert call("up", "dev", "prod", "--plan", str(project.root / "Pulumi.yaml")).code == ExitCode.USAGE
