"""What doctor advises of a client, where only a home is needed; all else: tests/clients/programs/test_life.py."""

from __future__ import annotations

import pytest

from gatewright.clients import CLIENTS
from gatewright.clients.common.variables import Holds
from gatewright.engine.doctor import Finding
from gatewright.install import places
from gatewright.operations.client_doctor import examine
from gatewright.operations.client_doctor.answer import token_to_ask_with
from gatewright.operations.client_doctor.program import program
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
def test_a_program_has_its_dotenv_file_beside_its_settings(
    bench: Bench, client: str, variables: dict[str, str], folder: str
) -> None:
    bench.variables |= variables
    (file,) = bench.install("prod", client).files
    assert file.path.parent == bench.home / folder
    assert Sources(bench.machine, CLIENTS[client].program).file == bench.home / folder / ".env"


def test_a_token_replaces_the_one_before_it_in_a_dotenv_file(bench: Bench) -> None:
    sources = Sources(bench.machine, CLIENTS["openclaw"].program)
    path = bench.home / ".openclaw" / ".env"
    assert sources.put("COMMAND", ["TOKEN"]) == "(umask 077; COMMAND >> ~/.openclaw/.env)"
    path.parent.mkdir()
    path.write_text("TOKEN=old\n", encoding="utf-8")
    assert sources.put("COMMAND", ["TOKEN"]).startswith("replace TOKEN in ")


@pytest.mark.parametrize(("version", "declared"), [("0.1.0", False), ("2026.7.0", True)])
def test_a_version_is_to_be_declared_only_where_the_environment_may(
    bench: Bench, version: str, *, declared: bool
) -> None:
    bench.rewrite(
        "prod",
        (bench.project.stacks / "prod.yaml").read_text().replace("PROD_TOKEN}", "PROD_TOKEN, version: 2026.9.1}", 1),
    )
    path = bench.file("bin/openclaw", f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    bench.variables["PATH"] = f"{path.parent}:/usr/bin:/bin"
    (found,) = program(bench.environment("prod").clients["openclaw"], CLIENTS["openclaw"].program, bench.machine)
    assert found.mend is not None
    assert ("declare it" in found.mend) is declared


@pytest.mark.parametrize(("newest", "blamed"), [("fake-new", True), ("fake-old", False)])
def test_a_refused_token_of_the_dotenv_file_is_the_files_matter(bench: Bench, newest: str, *, blamed: bool) -> None:
    environment = bench.environment("prod")
    wanted = [
        each
        for each in CLIENTS["openclaw"].variables(environment, environment.clients["openclaw"])
        if each.holds is Holds.TOKEN
    ]
    bench.file(".openclaw/.env", "PROD_TOKEN=fake-old\n")
    tokens = Tokens({"PROD_TOKEN": newest})
    token, place = token_to_ask_with(wanted, Sources(bench.machine, CLIENTS["openclaw"].program), tokens)
    assert token is not None
    assert token.value == "fake-old"
    assert (place == "put the newest token into PROD_TOKEN of ~/.openclaw/.env") is blamed


@pytest.mark.parametrize("client", ["dotenv", "models", "opencode", "aider"])
def test_a_client_stands_where_the_user_wanted_it(bench: Bench, client: str) -> None:
    place = bench.home / "mine" / "x.json"
    bench.install("prod", client, to=place)
    assert places(bench.project, bench.environment("prod"), client, bench.machine) == (place,)
    found = rows(bench, client)
    assert found
    assert all("as installed" in each.found for each in found)
    place.unlink()
    assert f"gatewright install prod {client} --to ~/mine/x.json" in [each.mend for each in rows(bench, client)]


def test_a_client_may_stand_in_two_places(bench: Bench) -> None:
    bench.install("prod", "opencode")
    bench.install("prod", "opencode", to=bench.home / "x.json")
    assert places(bench.project, bench.environment("prod"), "opencode", bench.machine) == (None, bench.home / "x.json")


def test_a_client_that_is_nowhere_has_its_own_place(bench: Bench) -> None:
    assert places(bench.project, bench.environment("prod"), "opencode", bench.machine) == (None,)


def rows(bench: Bench, client: str) -> list[Finding]:
    """What doctor says of its files."""
    examined = examine(bench.project, bench.environment("prod"), client, bench.machine)
    return [each for each in examined.findings if each.name == "file"]
