"""Every command that prints a result has `--format json`, and every command's help fits 80 columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest

from gatewright import __version__
from gatewright.cli import COMMANDS, cli, run
from gatewright.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


OTHER_OUTPUT = {
    "bootstrap": "prints the new token alone",
    "ci": "prints what the commands of a workflow print",
    "completion": "prints a script for a shell",
    "run": "prints what the command prints",
    "token": "prints the token alone",
}
"""Commands without `--format json`, and why."""


def every_command(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    """The commands with their names, those of groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield " ".join([*path, name]), command
        if isinstance(command, click.Group):
            yield from every_command(command, *path, name)


ALL = dict(every_command(cli))


def formats(command: click.Command) -> tuple[str, ...]:
    """The values of `--format`."""
    types = [option.type for option in command.params if "--format" in option.opts]
    return tuple(value for kind in types if isinstance(kind, click.Choice) for value in kind.choices)


def test_the_commands_of_groups_are_listed() -> None:
    assert {"engine env", "local status", *COMMANDS} <= set(ALL)


def test_every_command_with_a_result_has_json() -> None:
    without = {
        name for name, command in ALL.items() if not isinstance(command, click.Group) and "json" not in formats(command)
    }
    assert without == set(OTHER_OUTPUT)


@pytest.mark.parametrize("name", ALL)
def test_help_fits_80_columns(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*name.split(), "--help"]) == ExitCode.DONE
    assert [line for line in capsys.readouterr().out.splitlines() if len(line) > 80] == []


class TestDocuments:
    """Documents that need no engine; those of the others are in tests/integration/documents."""

    @pytest.fixture
    def project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
        monkeypatch.chdir(tmp_path)
        assert run(["init", "--yes", "--format", "json"]) == ExitCode.DONE
        created = json.loads(capsys.readouterr().out)
        assert created["folder"] == str(tmp_path)
        assert "stacks/base.yaml" in created["files"]
        return tmp_path

    @pytest.mark.parametrize(
        ("arguments", "keys"),
        [
            (["new", "prod"], ["created", "variable"]),
            (
                ["explain", "local", "gateway.cache"],
                ["path", "value", "location", "replaced", "description", "sent", "policies"],
            ),
            (["render", "local"], ["environments"]),
            (["schema"], ["path", "state", "others"]),
            (["rotate", "local", "agents", "--dry-run"], ["environment", "token", "epoch", "diff", "written"]),
            (["local", "stop"], ["stopped"]),
        ],
        ids=lambda value: value[0],
    )
    @pytest.mark.usefixtures("project")
    def test_keys(self, arguments: list[str], keys: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert run([*arguments, "--format", "json"]) == ExitCode.DONE
        assert [*json.loads(capsys.readouterr().out)] == keys

    @pytest.mark.usefixtures("project")
    def test_install_then_uninstall(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        target = ["--to", str(tmp_path / "my.json"), "--format", "json"]
        assert run(["install", "local", "openclaw", "--yes", *target]) == ExitCode.DONE
        installed = json.loads(capsys.readouterr().out)
        assert [(file["path"], file["state"]) for file in installed["files"]] == [(target[1], "created")]
        assert installed["variables"]
        assert run(["uninstall", "local", "openclaw", *target]) == ExitCode.DONE
        assert [file["state"] for file in json.loads(capsys.readouterr().out)["files"]] == ["removed"]

    @pytest.mark.usefixtures("project")
    def test_a_stopped_local_cloudflare(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            run(["local", "status", "--format", "json"])
        assert json.loads(capsys.readouterr().out) == {"running": False}

    def test_upgrade(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        requirements = project / "requirements.txt"
        requirements.write_text(requirements.read_text().replace(__version__, "0.0.1"), encoding="utf-8")
        assert run(["upgrade", "--dry-run", "--format", "json"]) == ExitCode.CHANGES
        planned = json.loads(capsys.readouterr().out)
        assert (planned["from"], planned["to"], planned["written"]) == ("0.0.1", __version__, False)
        assert run(["upgrade"]) == ExitCode.USAGE
        assert "Cannot ask" in capsys.readouterr().err
        assert run(["upgrade", "--yes"]) == ExitCode.DONE
        assert "requirements.txt updated" in capsys.readouterr().out
        assert run(["upgrade"]) == ExitCode.DONE
