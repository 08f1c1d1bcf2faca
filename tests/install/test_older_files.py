"""install never makes a program refuse its file, whether the program is on PATH or not."""

from __future__ import annotations

import pytest

from gatewright.errors import FileRefusedError

from .bench import Bench
from .conftest import DEV, clients
from .test_install import data

ROLES = DEV + "roles: {coder: mistral/tiny}\n"
OLD_LIST = '{"agents": {"list": [{"id": "main", "default": true}, {"id": "work", "model": "house/one"}]}}'


def declare(bench: Bench, **settings: object) -> None:
    bench.rewrite("dev", ROLES + clients({"openclaw": {"primary": "dynamic/fast", "agents": ["coder"], **settings}}))


@pytest.mark.parametrize("settings", [{}, {"version": "2026.8.1"}], ids=["newest", "2026.8.1"])
@pytest.mark.parametrize("is_included", [False, True])
def test_an_older_list_of_agents_is_refused_before_any_change(
    bench: Bench, settings: dict[str, str], *, is_included: bool
) -> None:
    declare(bench, **settings)
    text = OLD_LIST
    if is_included:
        bench.file(".openclaw/agents.json5", '{list: [{id: "main", default: true}, {id: "work"}]}')
        text = '{agents: {$include: "./agents.json5"}}'
    path = bench.file(".openclaw/openclaw.json", text)
    with pytest.raises(FileRefusedError, match=r"~/\.openclaw/openclaw\.json:1: agents\.list ") as raised:
        bench.install("dev", "openclaw", ignore_conflicts=True)
    assert "openclaw doctor --fix" in (raised.value.hint or "")
    assert path.read_text(encoding="utf-8") == text


def test_agents_of_the_newer_form_are_not_mixed_with_an_older_version(bench: Bench) -> None:
    declare(bench, version="2026.8.1")
    bench.file(".openclaw/openclaw.json", "{agents: {entries: {main: {}}}}")
    with pytest.raises(FileRefusedError, match=r"agents\.entries cannot stand beside agents\.list"):
        bench.install("dev", "openclaw")
    bench.openclaw.unlink()
    bench.install("dev", "openclaw")
    assert not bench.install("dev", "openclaw").changes


def test_an_older_list_stays_where_the_environment_has_no_roles(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json", OLD_LIST)
    bench.install("dev", "openclaw")
    bench.uninstall("dev", "openclaw")
    assert bench.openclaw.read_text(encoding="utf-8") == OLD_LIST


@pytest.mark.parametrize(
    ("agents", "owner"),
    [
        ("main: {}, work: {}", "main"),
        ("work: {}", "work"),
        ("work: {}, home: {default: true}", "home"),
        ("work: {}, home: {}", None),
    ],
)
def test_an_agent_that_exists_owns_tasks_without_an_agent(bench: Bench, agents: str, owner: str | None) -> None:
    """`openclaw config validate` refuses an owner that is not among the agents."""
    declare(bench)
    bench.file(".openclaw/openclaw.json", f"{{agents: {{ownership: 'explicit', entries: {{{agents}}}}}}}")
    bench.install("dev", "openclaw")
    heartbeat = data(bench.openclaw)["agents"]["defaults"].get("heartbeat", {})
    assert heartbeat.get("agentId") == owner


def test_a_folder_by_openclaws_former_name_is_not_taken_out_of_use(bench: Bench) -> None:
    bench.file(".clawdbot/clawdbot.json", "{}")
    with pytest.raises(FileRefusedError, match=r"~/\.clawdbot: \.clawdbot is OpenClaw's folder by its former name"):
        bench.install("dev", "openclaw")
    bench.install("dev", "openclaw", ignore_conflicts=True)


def test_the_check_of_a_copy_sees_included_files(bench: Bench) -> None:
    bench.file(".openclaw/models.json5", '{providers: {}, x: {$include: "parts/x.json5"}}')
    bench.file(".openclaw/parts/x.json5", "{}")
    bench.file(".openclaw/openclaw.json", '{models: {$include: "./models.json5"}}')
    program = bench.file(
        "bin/openclaw",
        '#!/bin/sh\ncd "$(dirname "$OPENCLAW_CONFIG_PATH")" && test -f models.json5 && test -f parts/x.json5 && '
        "exit 0\n"
        """echo '{"valid": false, "issues": [{"path": "models", "message": "Failed to read include file"}]}'\n""",
    )
    program.chmod(0o755)
    bench.variables["PATH"] = f"{program.parent}:/usr/bin:/bin"
    verdict = bench.install("dev", "openclaw").verdict
    assert verdict is not None
    assert (verdict.refusal, verdict.not_run) == (None, None)


def test_a_refusal_for_lack_of_a_file_that_cannot_be_copied_means_nothing(bench: Bench) -> None:
    bench.file(".config/opencode/opencode.json", '{"username": "{file:../name}"}')
    program = bench.file("bin/opencode", "#!/bin/sh\necho '↳ bad file reference'\nexit 1\n")
    program.chmod(0o755)
    bench.variables["PATH"] = f"{program.parent}:/usr/bin:/bin"
    verdict = bench.install("dev", "opencode").verdict
    assert verdict is not None
    assert verdict.not_run == "a copy cannot be checked without ../name"
