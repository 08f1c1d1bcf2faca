"""The output and exit codes of install and uninstall."""

from __future__ import annotations

import pytest

from gatewright.cli import run
from gatewright.errors import ExitCode

from .bench import OPENCLAW, Bench


def test_a_dry_run_shows_the_changes_and_no_secret(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.file(".openclaw/openclaw.json")
    assert run(["install", "prod", "openclaw", "--dry-run", "--diff"]) == ExitCode.CHANGES
    out = capsys.readouterr().out
    assert "~/.openclaw/openclaw.json    would change" in out
    assert '+      "agents-prod": {' in out
    assert '"Bearer ${PROD_TOKEN}"' in out
    assert 'botToken: "•••"' in out
    assert "secret" not in out
    assert "on this machine" not in out, "a comment may hold anything"
    assert bench.openclaw.read_text(encoding="utf-8") == OPENCLAW


def test_install_and_uninstall(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.file(".openclaw/openclaw.json")
    assert run(["install", "prod", "openclaw"]) == ExitCode.DONE
    out = capsys.readouterr().out
    assert "changed    backup: ~/.local/state/gatewright/backups/openclaw.json-" in out
    assert "more lines (--diff shows them)" in out
    assert "set     PROD_TOKEN    the token agents · " in out
    assert out.endswith("next    gatewright doctor prod openclaw\n")
    assert run(["install", "prod", "openclaw", "--dry-run"]) == ExitCode.DONE
    assert "~/.openclaw/openclaw.json    unchanged" in capsys.readouterr().out
    assert run(["uninstall", "prod", "openclaw", "--dry-run"]) == ExitCode.CHANGES
    assert run(["uninstall", "prod", "openclaw"]) == ExitCode.DONE
    assert "agents.defaults.model has its earlier value again" in capsys.readouterr().out
    assert bench.openclaw.read_text(encoding="utf-8") == OPENCLAW
    assert run(["uninstall", "prod", "openclaw"]) == ExitCode.DONE
    assert capsys.readouterr().out == "openclaw is not installed here for prod\n"


def test_the_diff_of_a_dotenv_file_shows_no_secret(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    path = bench.file(".env", "DATABASE_PASSWORD=hunter2-fake\n# fake-old-key\n")
    assert run(["install", "prod", "dotenv", "--to", str(path)]) == ExitCode.DONE
    out = capsys.readouterr().out
    assert "+OPENAI_BASE_URL=https://gateway.ai.cloudflare.com/v1/" in out
    assert "hunter2" not in out
    assert "fake-old-key" not in out
    assert run(["uninstall", "prod", "dotenv", "--to", str(path)]) == ExitCode.DONE
    assert path.read_text(encoding="utf-8") == "DATABASE_PASSWORD=hunter2-fake\n# fake-old-key\n"


def test_errors_have_one_line_and_a_hint(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.file(".openclaw/openclaw.json", "{")
    assert run(["install", "prod", "openclaw"]) == ExitCode.FAILED
    assert (
        "gatewright: ~/.openclaw/openclaw.json:1:2 cannot be edited: expected }, found the end of the file"
        in capsys.readouterr().err
    )
    assert run(["install", "prod", "openclaws"]) == ExitCode.USAGE
    assert "prod has no client openclaws" in capsys.readouterr().err
    assert run(["install", "prod", "dotenv"]) == ExitCode.USAGE
    assert "→ gatewright install prod dotenv --to .env" in capsys.readouterr().err
    assert run(["uninstall", "prod", "opnclaw"]) == ExitCode.USAGE
    assert "Did you mean openclaw?" in capsys.readouterr().err
    assert run(["uninstall", "prodd", "openclaw"]) == ExitCode.DONE
    assert "openclaw is not installed here for prodd. Did you mean prod?" in capsys.readouterr().out
