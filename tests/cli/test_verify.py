"""`gatewright verify`: its formats, its exit codes, and what goes to stdout and stderr."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from operations.probe.world import World
from operations.probe.world import world as started

from gatewright.cli import run
from gatewright.cli.reports.github import to_markdown
from gatewright.cli.reports.junit import to_junit
from gatewright.cli.reports.text import print_text
from gatewright.cli.reports.verify import verify_document, verify_report
from gatewright.cli.screen import Screen
from gatewright.errors import ExitCode
from gatewright.operations.batch import Outcome
from gatewright.operations.probe.diagnosis import Failure
from gatewright.operations.probe.limit_headers import ReportedLimit
from gatewright.operations.probe.responses import Answer
from gatewright.operations.probe.verify import ProbeResult, Verification
from gatewright.operations.reported_limits import read_limits
from gatewright.project import Project

HOSTILE = 'a|b <img> @team *x* `y` ]]> & "z"'
VERIFICATION = Verification(
    "prod",
    (
        ProbeResult("dynamic/fast", Answer(200, "groq/g", 2, "MISS", 0.2124, 21, 0.0), notes=("primary: 429",)),
        ProbeResult(
            "mistral/m",
            Answer(401, failure=Failure("key-refused", HOSTILE, "Check it", token_refused=False), seconds=1.9),
        ),
    ),
    ("fal/flux",),
    3.5,
)


OUTCOMES = [Outcome("prod", VERIFICATION)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, checkout: Project) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("verify")
    with started(folder) as world:
        (folder / "Pulumi.yaml").write_bytes((checkout.root / "Pulumi.yaml").read_bytes())
        yield world


@pytest.fixture
def world(server: World, monkeypatch: pytest.MonkeyPatch) -> World:
    server.reset()
    monkeypatch.chdir(server.folder)
    monkeypatch.setenv("CLOUDFLARE_AI_GATEWAY_TOKEN", server.token.value)
    return server


def call(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = ExitCode.DONE) -> tuple[str, str]:
    assert run(["verify", *arguments]) == code
    out, err = capsys.readouterr()
    return out, err


def test_all_answered(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = call(capsys, "here", "--only", "dynamic/fast", "--only", "mistral")
    assert out.startswith("here  2 of 2 answered\n\n")
    lines = [line.split() for line in out.splitlines()[2:]]
    assert lines[0] == ["called", "answered", "by", "steps", "cache", "latency", "tokens", "cost"]
    assert lines[1][:4] == ["dynamic/fast", "groq/g", "1", "MISS"]
    assert lines[2][:2] == ["mistral/m", "mistral/m"]
    assert not any(line.endswith(" ") for line in out.splitlines())
    assert "probing http://127.0.0.1:" in err
    assert world.token.value not in out + err


def test_one_failed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.provider(provider="mistral", refuses=["fake-key-of-mistral"])
    out, _ = call(capsys, "here", "--only", "mistral", "--format", "json", code=ExitCode.FAILED)
    document = json.loads(out)
    assert not document["ok"]
    assert document["results"][0]["failure"]["code"] == "key-refused"


@pytest.mark.usefixtures("world")
def test_a_token_refused_by_every_request(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFLARE_AI_GATEWAY_TOKEN", "local-fake-token-of-nobody")
    out, _ = call(capsys, "here", "--only", "groq", "--only", "mistral", code=ExitCode.REFUSED)
    assert out.count("Cloudflare refuses the token $CLOUDFLARE_AI_GATEWAY_TOKEN") == 2
    assert out.count("→ ") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["here", "--only", "mistral/n"],
        ["here", "--token", "other"],
        ["here", "--parallel", "0"],
        ["here", "--format", "xml"],
        ["nowhere"],
        [],
    ],
)
@pytest.mark.usefixtures("world")
def test_a_wrong_command_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert call(capsys, *arguments, code=ExitCode.USAGE)[0] == ""


def test_without_a_token(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOUDFLARE_AI_GATEWAY_TOKEN")
    monkeypatch.setenv("PATH", str(Path(world.folder)))
    _, err = call(capsys, "here", code=ExitCode.REFUSED)
    assert "no value for token agents: $CLOUDFLARE_AI_GATEWAY_TOKEN is not set, and " in err


@pytest.fixture
def several(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Four environments on the one gateway. `one` and `two` have their token in a variable of their own; the variable
    that the others read is nobody's, and `alone` has another, which is not set."""
    files = {name: world.folder / "stacks" / f"{name}.yaml" for name in ("alone", "one", "two")}
    for name, file in files.items():
        client = f"models: {{variable: {name.upper()}_TOKEN}}"
        gateway = f"name: {world.environment.gateway_name}"
        local = f"port: {world.here.running.port}"
        file.write_text(f"extends: here.yaml\nlocal: {{{local}}}\ngateway: {{{gateway}}}\nclients: {{{client}}}\n")
    monkeypatch.setenv("ONE_TOKEN", world.token.value)
    monkeypatch.setenv("TWO_TOKEN", world.token.value)
    monkeypatch.setenv("PATH", str(world.folder))  # no engine: the stacks cannot be asked
    yield world
    for file in files.values():
        file.unlink()


class TestSeveral:
    ONLY = ("--only", "groq/g", "--only", "mistral/m")

    def test_one_without_a_token_does_not_stop_the_others(
        self, several: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        several.provider(provider="mistral", requests=1, period=1)  # shared by all environments
        out, err = call(capsys, "--all", *self.ONLY, code=ExitCode.REFUSED)
        assert "alone: no value for token agents" in err
        assert "here: no value for token agents" in err
        reports, _, summary = out.rpartition("\n\n")
        headings = [line for line in reports.splitlines() if line.endswith("  2 of 2 answered")]
        assert headings == ["one  2 of 2 answered", "two  2 of 2 answered"]
        assert out.count("mistral/m") == 4  # called, and answered by
        *table, last = summary.splitlines()
        assert [line.split()[0] for line in table] == ["alone", "here", "one", "two"]
        assert "2 of 2 answered" in table[2]
        assert last == "2 of 4 environments passed, 2 failed"

    def test_a_failure_in_one(self, several: World, capsys: pytest.CaptureFixture[str]) -> None:
        several.provider(provider="mistral", refuses=["fake-key-of-mistral"])
        out, _ = call(capsys, "one", "alone", *self.ONLY, "--format", "json", code=ExitCode.FAILED)
        one, alone = json.loads(out)["environments"]
        assert (one["name"], one["ok"]) == ("one", False)
        assert (alone["name"], alone["error"]["exitCode"]) == ("alone", ExitCode.REFUSED)

    @pytest.mark.usefixtures("several")
    def test_as_junit_and_markdown(self, capsys: pytest.CaptureFixture[str]) -> None:
        arguments = ("one", "alone", "--only", "groq/g", "--format")
        out, _ = call(capsys, *arguments, "junit", code=ExitCode.REFUSED)
        one, alone = ET.fromstring(out)  # noqa: S314  # our own
        assert (one.get("tests"), one.get("errors")) == ("1", "0")
        assert (alone.get("tests"), alone.get("errors")) == ("1", "1")
        out, _ = call(capsys, *arguments, "markdown", code=ExitCode.REFUSED)
        assert "## gatewright verify: 1 of 2 environments passed, 1 failed\n" in out
        assert "### ✅ `one`: 1 of 1 answered\n" in out
        assert "### ❌ `alone`: verify failed\n\n```\nno value for token agents" in out


def test_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_text(verify_document(OUTCOMES), Screen())
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "prod 1 of 2 answered",
        "",
        "called answered by steps cache latency tokens cost",
        "dynamic/fast groq/g 2 MISS 212 ms 21 0.00 ✓ primary: 429",
        f"mistral/m – ✗ {HOSTILE}",
        "→ Check it",
        "· fal/flux was not probed: the gateway has no chat endpoint for it",
    ]


def test_junit() -> None:
    suite = ET.fromstring(to_junit(OUTCOMES))[0]  # noqa: S314  # our own
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    fast, mistral, flux = suite
    assert fast.findtext("system-out") == "primary: 429"
    failure = mistral.find("failure")
    assert failure is not None
    assert (failure.get("message"), failure.get("type")) == (HOSTILE, "key-refused")
    assert flux.find("skipped") is not None


def test_markdown() -> None:
    lines = to_markdown(verify_document(OUTCOMES)).splitlines()
    assert lines[3] == "### ❌ `prod`: 1 of 2 answered"
    row = next(line for line in lines if "mistral/m" in line)
    assert row.endswith(r'| a\|b \<img> @&#8203;team \*x\* \`y\` ]]> & "z"<br>→ Check it |')
    assert {line.replace("\\|", "").count("|") for line in lines[5:9]} == {10}
    assert "- fal/flux was not probed: the gateway has no chat endpoint for it" in lines


def test_neither_pulumi_nor_the_control_plane_is_imported(world: World) -> None:
    program = (
        "import sys; from gatewright.cli import run; code = run(['verify', 'here', '--only', 'groq/g']);"
        "sys.exit(str(sorted({'pulumi', 'grpc', 'cloudflare'} & set(sys.modules)) or code))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=world.folder, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == "0"


def test_details_stand_below_their_row_in_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatewright.cli.screen.Console.is_terminal", True)
    monkeypatch.setattr("gatewright.cli.screen.Console.is_dumb_terminal", False)
    monkeypatch.setenv("COLUMNS", "70")
    print_text(verify_document(OUTCOMES), Screen())
    assert "\n    primary: 429\n" in capsys.readouterr().out


class TestHistory:
    ARGUMENTS = ("here", "--only", "groq/g", "--only", "mistral/m", "--history")

    @pytest.fixture(autouse=True)
    def _empty_history(self, world: World) -> None:
        shutil.rmtree(world.folder / ".gatewright/history", ignore_errors=True)

    def test_results_are_kept_and_the_providers_reliability_is_shown(
        self, world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-20T12:00:00Z")
        world.provider(provider="mistral", refuses=["fake-key-of-mistral"])
        call(capsys, *self.ARGUMENTS, code=ExitCode.FAILED)
        world.reset()
        monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-30T12:00:00Z")
        out, _ = call(capsys, *self.ARGUMENTS)
        assert out.splitlines()[-2:] == [
            "  · groq: 2 of 2 answered (100%) since 2026-11-20, 1 of 1 in the last 7 days; no failure",
            "  · mistral: 1 of 2 answered (50%) since 2026-11-20, 1 of 1 in the last 7 days; last failure "
            "2026-11-20 12:00 UTC: mistral/m, key-refused",
        ]
        lines = (world.folder / ".gatewright/history/here/verify.jsonl").read_text().splitlines()
        assert [[each["ok"] for each in json.loads(line)["results"]] for line in lines] == [[False, True], [True, True]]

    def test_as_json(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        call(capsys, *self.ARGUMENTS, "--format", "junit")
        with (world.folder / ".gatewright/history/here/verify.jsonl").open("a") as file:
            file.write('{"time": "2026-')
        out, _ = call(capsys, *self.ARGUMENTS, "--format", "json")
        history = json.loads(out)["history"]
        assert history["runs"] == 2
        assert [each["provider"] for each in history["providers"]] == ["groq", "mistral"]
        assert {(each["sent"], each["answered"], each["share"]) for each in history["providers"]} == {(2, 2, 1.0)}
        assert history["notes"] == ["1 broken line skipped in .gatewright/history/here/verify.jsonl: 2"]

    def test_without_the_option_nothing_is_kept(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        out, _ = call(capsys, *self.ARGUMENTS[:-1], "--format", "json")
        assert "history" not in json.loads(out)
        assert not (world.folder / ".gatewright/history").exists()


def test_the_limits_that_a_provider_reports_are_kept(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    headers = {"x-ratelimit-limit-requests": "30", "x-ratelimit-remaining-requests": "0"}
    world.fault(on="upstream", provider="groq", status=429, headers=headers)
    call(capsys, "here", "--only", "groq/g", code=ExitCode.FAILED)
    (kept,) = read_limits(Project(world.folder), "here")
    assert (kept.model, kept.limit) == ("groq/g", ReportedLimit("requests", 0, 30))


class TestFireDrill:
    ARGUMENTS = ("here", "--fire-drill", "--only", "dynamic/fast")

    def test_the_results(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        out, err = call(capsys, *self.ARGUMENTS)
        assert out.startswith("here  4 of 4 answered\n\n")
        assert "  ✓  with groq/g failing, workers-ai/a answered\n" in out
        assert "fire drill of http://127.0.0.1:" in err
        assert world.faults() == []

    def test_a_failure_as_json_and_junit(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.fault(on="upstream", provider="workers-ai", status=503)
        out, _ = call(capsys, *self.ARGUMENTS, "--format", "json", code=ExitCode.FAILED)
        first = json.loads(out)["results"][0]
        assert (first["called"], first["failure"]["code"]) == ("dynamic/fast, 429", "provider-down")
        assert first["drill"] == {
            "failing": "groq/g",
            "mode": "429",
            "expected": ["workers-ai/@cf/a", "workers-ai/a"],
        }
        out, _ = call(capsys, *self.ARGUMENTS, "--format", "junit", code=ExitCode.FAILED)
        suite = ET.fromstring(out)[0]  # noqa: S314  # our own
        assert (suite.get("tests"), suite.get("failures")) == ("4", "4")
        assert suite[3].get("name") == "dynamic/fast, wrong key"

    @pytest.mark.parametrize("arguments", [["--deep"], ["--history"], ["--only", "groq/g"]])
    @pytest.mark.usefixtures("world")
    def test_a_wrong_command_line(self, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
        assert call(capsys, "here", "--fire-drill", *arguments, code=ExitCode.USAGE)[0] == ""

    @pytest.mark.usefixtures("world")
    def test_really_requires_the_drill(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert call(capsys, "here", "--really", code=ExitCode.USAGE)[0] == ""

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["here", "--with-clients"], "--with-clients requires --fire-drill"),
            (["here", "--fire-drill", "--with-clients", "--really"], "--with-clients excludes --really"),
            (["here", "--fire-drill", "--only", "models"], "To run the client's program: --with-clients"),
        ],
    )
    @pytest.mark.usefixtures("world")
    def test_programs_are_run_on_request_only(
        self, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
    ) -> None:
        assert message in call(capsys, *arguments, code=ExitCode.USAGE)[1]

    @pytest.mark.usefixtures("world")
    def test_a_client_without_a_program_is_skipped(self, capsys: pytest.CaptureFixture[str]) -> None:
        out, _ = call(capsys, "here", "--fire-drill", "--with-clients", "--only", "models")
        assert out.startswith("here  0 of 0 answered, 1 not drilled\n")
        assert "skipped: the client has no program" in out


def test_a_fire_drill_on_a_real_gateway_needs_consent(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert (project.stacks / "prod.yaml").is_file()
    _, err = call(capsys, "prod", "--fire-drill", code=ExitCode.USAGE)
    assert "prod is on a real gateway" in err
    assert "--really" in err


def test_what_a_drill_does_not_ask_is_not_counted_as_answered() -> None:
    asked = ProbeResult("dynamic/fast", Answer(status=200))
    left = ProbeResult("role tiny", notes=("no model follows groq/a",))
    report = verify_report(Verification("here", (asked, left), (), 0))
    assert report.headline == "1 of 1 answered, 1 not drilled"
    assert [row.marker.sign for row in report.rows] == ["✓", "·"]
    assert report.rows[1].cells == ("role tiny", "–", "", "", "", "", "")


def test_what_a_drill_does_not_ask_is_in_the_markdown() -> None:
    left = ProbeResult("codex", notes=("skipped: codex is not on PATH",))
    markdown = to_markdown(verify_document([Outcome("here", Verification("here", (left,), (), 0))]))
    assert "| · | `codex` | – |  |  |  |  |  | skipped: codex is not on PATH |" in markdown
