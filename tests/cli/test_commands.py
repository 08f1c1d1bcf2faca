"""What each command prints and exits with, in a project of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gatewright.cli import COMMANDS, SECTIONS
from gatewright.errors import ExitCode
from gatewright.project import Project

from .project import ACCOUNT, Call, write


class TestValidate:
    def test_all(self, call: Call) -> None:
        result = call("validate")
        assert result.code == ExitCode.DONE
        assert result.out.splitlines() == [
            "dev: valid, 3 notes",
            "local: valid, 3 notes",
            "prod: valid, 5 notes",
            "staging: valid, 5 notes",
            "",
            "4 of 4 valid",
            "To show the notes: gatewright validate --notes",
        ]
        assert call("validate", "--all").out == result.out

    def test_notes_of_one_environment(self, call: Call) -> None:
        result = call("validate", "prod", "--notes")
        assert result.code == ExitCode.DONE
        assert 'skipped, provider nvidia is not enabled by "use" (stacks/prod.yaml:4)    [note]' in result.out
        assert result.out.endswith("\nprod: valid, 5 notes\n")

    def test_a_note_is_shown_once_with_its_environments(self, call: Call) -> None:
        lines = call("validate", "--notes").out.split("\n\n")[0].splitlines()
        assert len({line.split()[0] for line in lines}) == len(lines)
        remarks = {line.split()[1]: line.partition("    [")[2] for line in lines}
        assert remarks["providers.mistral.limits:"] == "note]"
        assert remarks["providers.openrouter.limits:"] == "note: dev, local]"
        (skipped,) = (line for line in lines if "roles.bulk.fallbacks[0]:" in line)
        assert skipped.endswith("(stacks/prod.yaml:4, stacks/staging.yaml:4)    [note: prod, staging]")

    def test_a_shared_error_is_shown_once_with_its_environments(self, call: Call, project: Project) -> None:
        write(project, "shared.yaml", "extends: base.yaml\ngatewai: {}\n")
        for name in ("one", "two"):
            write(project, f"{name}.yaml", f"extends: shared.yaml\nlocal: true\n{name}: {{}}\n")
        lines = call("validate", "one", "two", "dev").out.splitlines()
        assert [line.split()[0] + line.partition("    [")[2] for line in lines if line.startswith("stacks/")] == [
            "stacks/one.yaml:3:1",
            "stacks/shared.yaml:2:1one, two]",
            "stacks/two.yaml:3:1",
        ]
        assert "one: 2 errors" in lines

    def test_every_error_is_reported(self, call: Call, project: Project) -> None:
        write(project, "bad.yaml", "extends: base.yaml\naccount: x\ngatewai: {}\ngateway: {cache: {ttl: 45d}}\n")
        result = call("validate", "bad")
        assert result.code == ExitCode.INVALID
        assert [line.split()[0] for line in result.out.splitlines() if line.startswith("stacks/bad")] == [
            "stacks/bad.yaml:2:10",
            "stacks/bad.yaml:3:1",
            "stacks/bad.yaml:4:24",
        ]
        assert result.out.endswith("\nbad: 3 errors\n")

    def test_one_invalid_environment_does_not_hide_the_others(self, call: Call, project: Project) -> None:
        write(project, "bad.yaml", "account: [")
        result = call("validate")
        assert result.code == ExitCode.INVALID
        assert "prod: valid, 5 notes" in result.out

    def test_json(self, call: Call, project: Project) -> None:
        write(project, "bad.yaml", "extends: base.yaml\naccount: {env: A}\ngatewai: {}\n")
        result = call("validate", "bad", "--format", "json")
        assert result.code == ExitCode.INVALID
        assert json.loads(result.out) == [
            {
                "environment": "bad",
                "file": "stacks/bad.yaml",
                "line": 3,
                "column": 1,
                "path": "gatewai",
                "code": "unknown-key",
                "severity": "error",
                "message": "unknown key",
                "hint": "Did you mean gateway?",
            }
        ]
        notes = json.loads(call("validate", "dev", "--format", "json").out)
        assert {each["code"] for each in notes} == {"not-held"}

    def test_github(self, call: Call, project: Project) -> None:
        write(project, "bad.yaml", "extends: base.yaml\naccount: {env: A}\ngatewai: {}\n")
        result = call("validate", "bad", "--format", "github")
        assert result.code == ExitCode.INVALID
        assert result.out == (
            "::error file=stacks/bad.yaml,line=3,col=1,title=unknown-key::gatewai: unknown key. Did you mean gateway?\n"
        )

    def test_what_a_program_cannot_do(self, call: Call, project: Project) -> None:
        write(project, "old.yaml", "extends: base.yaml\nlocal: true\nclients: {pi: {version: 0.1}}\n")
        result = call("validate", "old")
        assert result.code == ExitCode.INVALID
        assert "Update pi" in result.out

    def test_an_account_that_is_none(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(ACCOUNT, "not/an/account")
        result = call("validate", "prod")
        assert result.code == ExitCode.INVALID
        assert f"the value of {ACCOUNT} is not an account id" in result.out
        assert "not/an/account" not in result.out

    @pytest.mark.parametrize("content", [b"", b"\x00", b"\xff\xfe", b"- a\n", b"a: [", b"a: 1\na: 2\n", b"[" * 9_999])
    def test_broken_files(self, content: bytes, call: Call, project: Project) -> None:
        write(project, "bad.yaml", content)
        result = call("validate", "bad")
        assert result.code == ExitCode.INVALID
        assert result.out.startswith("stacks/bad.yaml:")

    def test_a_folder_instead_of_a_file(self, call: Call, project: Project) -> None:
        (project.stacks / "dir.yaml").mkdir()
        result = call("validate")
        assert result.code == ExitCode.INVALID
        assert "stacks/dir.yaml:1:1    cannot be read: Is a directory" in result.out

    def test_local_ignores_the_shells_account(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        before = call("show", "local").out
        monkeypatch.setenv("CLOUDFLARE_ACCOUNT_ID", "fa4eacc0" * 4)
        monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "fake")
        assert call("show", "local").out == before


class TestUsage:
    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (["validat"], "unknown command validat\n  → Did you mean validate?"),
            (["xyz"], "unknown command xyz\n  → gatewright --help"),
            (["validate", "prd"], "Did you mean prod?"),
            (["validate", "../prod"], "environment ../prod does not exist"),
            (["validate", "a" * 5_000], "a does not exist"),
            (["validate", "--formt", "json"], "Did you mean '--format'?"),
            (["validate", "--format", "xml"], "'json'"),
            (["explain", "prod"], "Missing argument 'PATH'"),
            (["explain", "prod", "gateway.cach"], "Did you mean cache?"),
            (["show", "prod", "modelz"], "'models'"),
            (["show", "prod", "clients", "--for", "cursr"], "Did you mean cursor?"),
            (["show", "prod", "clients", "--for", "openclaw"], "gatewright install ENV openclaw"),
            (["show", "prod", "tokens", "--for", "cursor"], "Omit the other sections"),
            (["new"], "Missing argument 'ENV'"),
            ([], "Environment files:"),
        ],
    )
    def test_wrong(self, args: list[str], message: str, call: Call) -> None:
        result = call(*args)
        assert result.code == ExitCode.USAGE
        assert message in result.err
        assert result.out == ""

    def test_a_program_that_is_set_up_by_hand(self, call: Call) -> None:
        rows = json.loads(call("show", "local", "clients", "--for", "xcode", "--format", "json").out)["Xcode"]
        assert [row["setting"] for row in rows] == ["base URL", "models", "token"]
        assert rows[2]["value"] == "gatewright token local agents --header"

    def test_outside_a_project(self, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert call("validate").code == ExitCode.USAGE

    def test_from_a_folder_inside(self, call: Call, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(project.stacks)
        assert call("validate", "dev").out.startswith("dev: valid, 3 notes\n")

    @pytest.mark.parametrize(
        "command", [[], *([name] for name in COMMANDS)], ids=lambda each: " ".join(each) or "itself"
    )
    def test_help(self, command: list[str], call: Call) -> None:
        result = call(*command, "--help")
        assert result.code == ExitCode.DONE
        assert result.out.startswith(f"Usage: {' '.join(['gatewright', *command])} ")

    @pytest.mark.parametrize("command", COMMANDS)
    def test_help_fits_80_columns_and_its_summary_one_line(self, command: str, call: Call) -> None:
        assert all(len(line) <= 80 for line in call(command, "--help").out.splitlines())
        (line,) = re.findall(rf"^  {command}  .*$", call("--help").out, flags=re.MULTILINE)
        assert line.endswith(".")
        assert not line.endswith("...")

    @pytest.mark.parametrize("command", COMMANDS)
    def test_the_documented_table_has_it(self, command: str, checkout: Project) -> None:
        table = (checkout.root / "docs" / "commands.md").read_text()
        assert re.search(rf"`{command}[ `]", table)

    def test_help_lists_each_command_under_its_section(self, call: Call) -> None:
        listed = re.split(r"^(\S.*):$", call("--help").out, flags=re.MULTILINE)[1:]
        sections = {
            heading: re.findall(r"^  ([a-z][a-z-]*)  ", text, flags=re.MULTILINE)
            for heading, text in zip(listed[::2], listed[1::2], strict=True)
        }
        assert sections.pop("Options") == []
        assert sections == {heading: [*names] for heading, (_, names) in SECTIONS.items()}

    def test_interrupted(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*_args: object, **_kwargs: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("gatewright.workspace.select", interrupted)
        assert call("validate").code == ExitCode.INTERRUPTED


class TestExplain:
    @pytest.mark.parametrize(
        ("path", "first"),
        [
            ("gateway.cache.ttl", "gateway.cache.ttl = 5m       stacks/prod.yaml:"),
            ("routes.fast[0]", "routes.fast[0] = groq/gpt-oss-20b    stacks/base.yaml:"),
            ("use[1]", "use[1] = mistral  "),
            (
                "providers.groq.models.gpt-oss-20b.context",
                "providers.groq.models.gpt-oss-20b.context = 131072    stacks/c",
            ),
            (
                "providers.groq.models.gpt-oss-20b.unverified",
                "providers.groq.models.gpt-oss-20b.unverified = false    default",
            ),
            ("providers.groq.key", "providers.groq.key = {env: GROQ_API_KEY}    stacks/catalog.yaml:"),
            ("tokens.agents.expires", "tokens.agents.expires = not set    default"),
            ("clients.pi.keys", "clients.pi.keys = stored    default"),
            ("gateway.logs", "gateway.logs = {max: 100000, whenFull: deleteOldest}    stacks/base.yaml:"),
        ],
    )
    def test_paths(self, path: str, first: str, call: Call) -> None:
        result = call("explain", "prod", path)
        assert result.code == ExitCode.DONE
        assert result.out.startswith(first)

    def test_replaced_as_a_whole_and_sent(self, call: Call) -> None:
        lines = call("explain", "prod", "gateway.cache.ttl").out.splitlines()
        assert lines[1].startswith("  instead of cache: false    stacks/base.yaml:")
        assert lines[1].endswith("(cache is replaced as a whole)")
        assert lines[2] == "sent to Cloudflare as cache_ttl: 300"

    def test_the_header_of_an_option_of_requests(self, call: Call, project: Project) -> None:
        write(project, "options.yaml", "extends: base.yaml\nlocal: true\nclients: {pi: {cache: {ttl: 1m}}}\n")
        lines = call("explain", "options", "clients.pi.cache.ttl").out.splitlines()
        assert lines[1] == 'sent to Cloudflare as cf-aig-cache-ttl: "60"'

    @pytest.mark.parametrize(
        "path", ["", "nope", "routes.fast[99]", "routes.fast[x]", "gateway..cache", "gateway.cache.ttl.x", "[0]"]
    )
    def test_unknown(self, path: str, call: Call) -> None:
        assert call("explain", "prod", path).code == ExitCode.USAGE

    def test_never_shows_a_key(self, call: Call, project: Project) -> None:
        key = "sk-" + "FAKE0fake1FAKE2fake3"
        write(project, "bad.yaml", f"extends: base.yaml\nlocal: true\nproviders: {{groq: {{key: {key}}}}}\n")
        for args in (["explain", "bad", "providers.groq.key"], ["validate", "bad"], ["show", "bad"], ["render", "bad"]):
            result = call(*args)
            assert key not in result.out + result.err


class TestRender:
    def test_written_then_unchanged_then_checked(self, call: Call, project: Project) -> None:
        assert call("render", "local", "--check").code == ExitCode.CHANGES
        assert not project.out.exists()
        result = call("render", "local")
        assert result.code == ExitCode.DONE
        assert {line.split()[0] for line in result.out.splitlines()} == {"written"}
        assert {line.split()[0] for line in call("render", "local").out.splitlines()} == {"unchanged"}
        assert call("render", "local", "--check").code == ExitCode.DONE
        file = project.out / "local" / "openclaw.json"
        file.write_text(file.read_text(encoding="utf-8") + " ", encoding="utf-8")
        result = call("render", "local", "--check")
        assert result.code == ExitCode.CHANGES
        assert "differs    out/local/openclaw.json" in result.out

    def test_placeholder(self, call: Call, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        result = call("render", "prod")
        assert result.code == ExitCode.DONE
        assert f"note: {ACCOUNT} is not set" in result.err
        assert f"{ACCOUNT}-is-not-set" in (project.out / "prod/openclaw.json").read_text(encoding="utf-8")
        monkeypatch.setenv(ACCOUNT, "fa4eacc0" * 4)
        assert call("render", "prod").err == ""
        assert "fa4eacc0" * 4 in (project.out / "prod/openclaw.json").read_text(encoding="utf-8")

    def test_elsewhere(self, call: Call, tmp_path: Path) -> None:
        assert call("render", "local", "--out", str(tmp_path / "else where")).code == ExitCode.DONE
        assert (tmp_path / "else where" / "openclaw.json").is_file()

    def test_no_detours(self, call: Call, project: Project, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (project.root / "link").symlink_to(tmp_path / "real")
        assert call("render", "local", "--out", "../x").code == ExitCode.USAGE
        assert call("render", "local", "--out", "link").code == ExitCode.USAGE
        project.out.symlink_to(tmp_path / "real")
        assert call("render", "local").code == ExitCode.FAILED
        assert list((tmp_path / "real").iterdir()) == []
        assert not (tmp_path / "x").exists()

    def test_what_is_not_ours_stays(self, call: Call, project: Project) -> None:
        file = project.out / "local" / "pi" / "models.json"
        file.parent.mkdir(parents=True)
        file.write_text("mine", encoding="utf-8")
        result = call("render", "local")
        assert result.code == ExitCode.FAILED
        assert "out/local/pi/models.json is in the way" in result.err
        assert file.read_text(encoding="utf-8") == "mine"
        assert not (project.out / "local" / "openclaw.json").exists()

    def test_an_invalid_environment_writes_nothing(self, call: Call, project: Project) -> None:
        write(project, "bad.yaml", "extends: base.yaml\nlocal: true\ngatewai: {}\n")
        result = call("render", "bad")
        assert result.code == ExitCode.INVALID
        assert "Did you mean gateway?" in result.err
        assert not project.out.exists()


class TestShow:
    def test_text(self, call: Call) -> None:
        result = call("show", "prod")
        assert result.code == ExitCode.DONE
        assert result.out.startswith("prod · https://gateway.ai.cloudflare.com/v1/")
        assert [line.strip() for line in result.out.splitlines() if line and not line.startswith((" ", "prod"))] == [
            "providers",
            "models",
            "routes",
            "roles",
            "tokens",
            "clients",
        ]
        assert "$GROQ_API_KEY  (not set here)" in result.out
        assert "each model 30 requests/minute, 1000 requests/day" in result.out
        assert "\x1b" not in result.out

    def test_json(self, call: Call) -> None:
        shown = json.loads(call("show", "local", "routes", "tokens", "--format", "json").out)
        assert list(shown) == ["routes", "tokens"]
        assert shown["routes"][0]["route"] == "dynamic/fast"

    def test_invalid(self, call: Call, project: Project) -> None:
        write(project, "bad.yaml", "local: true\ngatewai: {}\n")
        assert call("show", "bad").code == ExitCode.INVALID


class TestNew:
    @pytest.mark.parametrize("name", ["qa", "2nd-eu", "a_b"])
    def test_is_valid_at_once(self, name: str, call: Call, project: Project) -> None:
        result = call("new", name)
        assert result.code == ExitCode.DONE
        assert result.out.startswith(f"created stacks/{name}.yaml")
        assert call("validate", name).code == ExitCode.DONE
        before = (project.stacks / f"{name}.yaml").read_bytes()
        assert call("new", name).code == ExitCode.USAGE
        assert (project.stacks / f"{name}.yaml").read_bytes() == before

    @pytest.mark.parametrize(
        "name", ["", "Prod", "../x", "a/b", "a b", "a\n", "-", "a--b", "é", "x" * 51, "prod", "base"]
    )
    def test_bad_names(self, name: str, call: Call, project: Project) -> None:
        before = sorted(path.name for path in project.root.rglob("*"))
        assert call("new", "--", name).code == ExitCode.USAGE
        assert sorted(path.name for path in project.root.rglob("*")) == before


class TestSchema:
    def test_stale_then_written(self, call: Call, project: Project) -> None:
        file = project.editor_schema
        right = file.read_bytes()
        assert call("schema", "--check").code == ExitCode.DONE
        file.write_bytes(b"\xff")
        assert call("schema", "--check").code == ExitCode.CHANGES
        assert file.read_bytes() == b"\xff"
        assert call("schema").code == ExitCode.DONE
        assert file.read_bytes() == right
