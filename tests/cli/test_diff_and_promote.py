"""diff lists the settings of two environments that differ, and promote writes them into the other's file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from gatewright.errors import ExitCode
from gatewright.project import Project

from .project import Call, write


class TestDiff:
    @pytest.fixture
    def paths(self, project: Project, call: Call) -> Callable[[str, str], list[str]]:
        """The paths that differ between two environments, which extend base.yaml by these texts."""

        def differing(one: str, other: str, *within: str) -> list[str]:
            for name, text in (("one", one), ("other", other)):
                write(project, f"{name}.yaml", f"extends: base.yaml\nlocal: true\n{text}\n")
            result = call("diff", "one", "other", *within, "--format", "json")
            rows = json.loads(result.out)
            assert result.code == (ExitCode.CHANGES if rows else ExitCode.DONE)
            return [row["path"] for row in rows]

        return differing

    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            ("", "", []),
            ("use: [groq]", "use: [groq, mistral]", ["use"]),
            ("gateway: {cache: {ttl: 5m}}", "gateway: {cache: {ttl: 1h}}", ["gateway.cache.ttl"]),
            ("gateway: {cache: {ttl: 5m}}", "", ["gateway.cache"]),
            ("gateway: {authenticated: true}", "", []),
            ("gateway: {retry: {attempts: 3, delay: 500ms, backoff: exponential}}", "", []),
            ("gateway: {zeroDataRetention: false}", "", []),
            ("routes: {more: [groq/gpt-oss-20b]}", "", ["routes.more"]),
            ("tokens: {ci: {permissions: [AI Gateway Run]}}", "", ["tokens.ci"]),
        ],
    )
    def test_paths(self, one: str, other: str, expected: list[str], paths: Callable[[str, str], list[str]]) -> None:
        assert paths(one, other) == expected
        assert paths(other, one) == expected

    def test_values_have_locations(self, call: Call) -> None:
        result = call("diff", "staging", "prod", "gateway.cache")
        assert result.code == ExitCode.CHANGES
        first, staging, prod = result.out.splitlines()
        assert first == "gateway.cache"
        assert re.fullmatch(r"  staging +false +stacks/base\.yaml:[0-9:]+", staging)
        assert re.fullmatch(r"  prod +\{ttl: 5m\} +stacks/prod\.yaml:[0-9:]+", prod)

    def test_an_environment_does_not_differ_from_itself(self, call: Call) -> None:
        result = call("diff", "prod", "prod")
        assert (result.code, result.out) == (ExitCode.DONE, "All settings of prod and prod: no differences\n")

    def test_bad_input(self, call: Call, project: Project) -> None:
        write(project, "broken.yaml", "extends: [\n")
        assert call("diff", "prod", "nope").code == ExitCode.USAGE
        assert call("diff", "prod", "staging", "gateway.cach").code == ExitCode.USAGE
        result = call("diff", "prod", "broken")
        assert result.code == ExitCode.INVALID
        assert "stacks/broken.yaml:" in result.err


class TestPromote:
    def test_the_change_is_shown_and_then_written(self, call: Call, project: Project) -> None:
        file = project.stacks / "staging.yaml"
        before = file.read_text()
        shown = call("promote", "prod", "staging", "gateway.cache", "--dry-run")
        assert (shown.code, file.read_text()) == (ExitCode.DONE, before)
        assert "+  cache: {ttl: 5m}" in shown.out
        asked = call("promote", "prod", "staging", "gateway.cache")  # nobody can answer here
        assert (asked.code, file.read_text()) == (ExitCode.USAGE, before)
        assert asked.err.rstrip().endswith("promote prod staging gateway.cache --yes")
        assert call("promote", "prod", "staging", "gateway.cache", "--yes").code == ExitCode.DONE
        assert file.read_text().startswith(before.rstrip())
        again = call("promote", "prod", "staging", "gateway.cache")
        assert again.out == "gateway.cache: no differences between prod and staging\n"
