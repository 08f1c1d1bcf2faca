"""`doctor ENV CLIENT` where only a home is needed; the rest is in tests/clients/programs/test_life.py."""

from __future__ import annotations

import pytest

from gatewright.clients import CLIENTS, openclaw
from gatewright.engine.doctor import Finding
from gatewright.install import find_locations
from gatewright.operations.client_doctor import examine
from gatewright.operations.client_doctor.answer import find_token
from gatewright.operations.client_doctor.context import ClientContext
from gatewright.operations.client_doctor.program import check_program
from gatewright.operations.client_doctor.sources import Sources
from gatewright.operations.client_doctor.tokens import Tokens

from .bench import Bench


@pytest.mark.parametrize(
    ("client", "variables", "folder"),
    [
        ("openclaw", {}, ".openclaw"),
        ("openclaw", {"OPENCLAW_HOME": "~/other"}, "other/.openclaw"),
        ("openclaw", {"OPENCLAW_HOME": "~/other", "OPENCLAW_STATE_DIR": "~/state"}, "state"),
        ("continue", {"CONTINUE_GLOBAL_DIR": "~/global"}, "global"),
    ],
)
def test_the_dotenv_file_of_a_program_is_beside_its_settings(
    bench: Bench, client: str, variables: dict[str, str], folder: str
) -> None:
    bench.variables |= variables
    (file,) = bench.install("prod", client).files
    assert file.path.parent == bench.home / folder
    assert Sources(bench.machine, CLIENTS[client].program).file == bench.home / folder / ".env"


def test_a_token_replaces_the_earlier_one_in_a_dotenv_file(bench: Bench) -> None:
    sources = Sources(bench.machine, openclaw.PROGRAM)
    path = bench.home / ".openclaw" / ".env"
    assert sources.write_command("COMMAND", ["TOKEN"]) == "(umask 077; COMMAND >> ~/.openclaw/.env)"
    path.parent.mkdir()
    path.write_text("TOKEN=old\n", encoding="utf-8")
    expected = "replace TOKEN in ~/.openclaw/.env with the output of: COMMAND"
    assert sources.write_command("COMMAND", ["TOKEN"]) == expected


@pytest.mark.parametrize(("version", "suggested"), [("0.1.0", False), ("2026.7.0", True)])
def test_declaring_the_version_is_suggested_only_if_it_is_supported(
    bench: Bench, version: str, *, suggested: bool
) -> None:
    text = (bench.project.stacks / "prod.yaml").read_text()
    bench.rewrite("prod", text.replace('"openclaw": {', '"openclaw": {"version": "2026.9.1", '))
    path = bench.file("bin/openclaw", f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    bench.variables["PATH"] = f"{path.parent}:/usr/bin:/bin"
    (finding,) = check_program(bench.environment("prod").clients["openclaw"], openclaw.PROGRAM, bench.machine)
    assert finding.fix is not None
    assert ("declare its version" in finding.fix) is suggested


@pytest.mark.parametrize(("newest", "is_old"), [("fake-new", True), ("fake-old", False)])
def test_a_refused_token_in_the_dotenv_file_is_replaced_there(bench: Bench, newest: str, *, is_old: bool) -> None:
    environment = bench.environment("prod")
    client = environment.clients["openclaw"]
    variables = CLIENTS["openclaw"].variables(environment, client)
    bench.file(".openclaw/.env", "PROD_TOKEN=fake-old\n")
    sources, tokens = Sources(bench.machine, openclaw.PROGRAM), Tokens({"PROD_TOKEN": newest})
    token, fix = find_token(ClientContext(environment, client, openclaw.PROGRAM, variables, sources, tokens))
    assert token is not None
    assert token.value == "fake-old"
    assert (fix == "put the newest token into PROD_TOKEN of ~/.openclaw/.env") is is_old


@pytest.mark.parametrize("client", ["dotenv", "models", "opencode", "aider"])
def test_doctor_inspects_the_path_that_the_user_has_named(bench: Bench, client: str) -> None:
    path = bench.home / "mine" / "x.json"
    bench.install("prod", client, to=path)
    assert find_locations(bench.project, bench.environment("prod"), client, bench.machine) == (path,)
    findings = file_findings(bench, client)
    assert findings
    assert all("as installed" in finding.detail for finding in findings)
    path.unlink()
    fixes = [finding.fix for finding in file_findings(bench, client)]
    assert f"gatewright install prod {client} --to ~/mine/x.json" in fixes


def test_a_client_can_be_installed_at_two_locations(bench: Bench) -> None:
    bench.install("prod", "opencode")
    bench.install("prod", "opencode", to=bench.home / "x.json")
    locations = find_locations(bench.project, bench.environment("prod"), "opencode", bench.machine)
    assert locations == (None, bench.home / "x.json")


def test_a_client_that_is_not_installed_has_its_own_location(bench: Bench) -> None:
    assert find_locations(bench.project, bench.environment("prod"), "opencode", bench.machine) == (None,)


def file_findings(bench: Bench, client: str) -> list[Finding]:
    examined = examine(bench.project, bench.environment("prod"), client, bench.machine)
    return [finding for finding in examined.findings if finding.name == "file"]
