"""The table of settings in docs/guides/workflows.md: inputs and secrets as the YAML declares them, and all variables.

`--update-cases` writes the rows of inputs and secrets; those of variables are written by hand.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from gatewright import __version__
from gatewright.cli.pipelines.ci import SCRIPTS
from gatewright.operations.caller_workflows import REPOSITORY

from .workflow import ACTION, CHECKOUT, FILES, declared

GUIDE = CHECKOUT.root / "docs" / "guides" / "workflows.md"
HEADING = "| name | kind | used by | meaning |\n|---|---|---|---|\n"
TABLE = re.compile(re.escape(HEADING) + r"((?:\|.*\n)*)")
NAMES = [file.stem for file in FILES]
GITHUB = {"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "RUNNER_TEMP", "ACTIONS_ID_TOKEN_REQUEST_URL", "BASH_SOURCE"}
"""Set by GitHub, or by bash."""


def rows() -> list[str]:
    match = TABLE.search(GUIDE.read_text(encoding="utf-8"))
    assert match
    return match[1].splitlines()


def is_variable(row: str) -> bool:
    return row.split("|")[2].strip() == "variable"


def declared_rows() -> list[str]:
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    inputs = [("action", action["inputs"]), *((name, declared(name, "inputs")) for name in NAMES)]
    secrets = [(name, declared(name, "secrets")) for name in NAMES]
    return [*_rows("input", inputs), *_rows("secret", secrets)]


def _rows(kind: str, places: list[tuple[str, dict[str, dict[str, Any]]]]) -> list[str]:
    entries = {name: entry for _, settings in places for name, entry in settings.items()}
    result = []
    for name, entry in entries.items():
        users = [place for place, settings in places if name in settings]
        users_shown = "all" if len(users) == len(places) else ", ".join(users)
        shown = kind
        if entry.get("required"):
            shown += ", required"
        elif (default := entry.get("default", "")) != "":
            shown += f", default `{json.dumps(default)}`" if isinstance(default, bool) else f", default `{default}`"
        result.append(f"| `{name}` | {shown} | {users_shown} | {entry['description']} |")
    return result


def test_the_guide_lists_every_input_and_secret(update_cases: bool) -> None:
    variables = [row for row in rows() if is_variable(row)]
    if update_cases:
        table = "".join(f"{row}\n" for row in (*declared_rows(), *variables))
        text = TABLE.sub(lambda _: HEADING + table, GUIDE.read_text(encoding="utf-8"))
        GUIDE.write_text(text, encoding="utf-8")
    assert rows() == [*declared_rows(), *variables]


def test_the_guide_lists_every_variable() -> None:
    listed = {name for row in rows() if is_variable(row) for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    in_workflows = {name for file in FILES for name in re.findall(r"vars\.(\w+)", file.read_text(encoding="utf-8"))}
    script = (SCRIPTS / "gatewright.sh").read_text(encoding="utf-8")
    in_script = {*re.findall(r"\$\{([A-Z_]+)", script)} - GITHUB
    assert in_workflows | in_script <= listed


def test_the_action_has_the_inputs_and_the_setup_of_the_workflows() -> None:
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    for name in ("folder", "setup"):
        entry = {key: value for key, value in declared("deploy", "inputs")[name].items() if key != "type"}
        assert action["inputs"][name] == entry
    steps = {step["name"]: step for step in action["runs"]["steps"]}
    workflow = yaml.safe_load((CHECKOUT.root / ".github/workflows/deploy.yml").read_text(encoding="utf-8"))
    for step in workflow["jobs"]["deploy"]["steps"]:
        if step.get("name") in ("Set up", "Cache the engine", "Engine"):
            assert steps[step["name"]].items() >= step.items()


@pytest.mark.parametrize("name", ["code", "changes", "output"])
def test_the_guide_names_the_outputs_of_the_action(name: str) -> None:
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    assert action["outputs"][name]["value"] == f"${{{{ steps.command.outputs.{name} }}}}"
    assert f"`{name}`" in GUIDE.read_text(encoding="utf-8")


def test_the_guide_names_this_version() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    tags = re.findall(rf"{REPOSITORY}(?:/\S+)?@v(\S+)|rev: v(\S+)|{REPOSITORY} v([^`\s]+)", text)
    assert len(tags) >= 4
    assert {"".join(tag) for tag in tags} == {__version__}
