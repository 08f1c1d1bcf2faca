"""No command without the engine repeats a secret, where all goes well and where a server repeats what it was sent."""

from __future__ import annotations

import base64
import io
import json
import logging
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from planted_secrets import fake_secret, fake_token, files_below, require_no_secret
from shipped_stacks import copy_stacks

from gatewright.cli import run
from gatewright.errors import ExitCode
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.project import Project

ENVIRONMENT = f"""\
extends: base.yaml
account: {LOCAL_ACCOUNT}
deploy: {{env: PLANTED_DEPLOY_TOKEN}}
gateway:
  otel: [{{url: "https://otel.fake.example/v1/traces", authorization: {{env: PLANTED_OTEL}}}}]
  stripe: {{authorization: {{env: PLANTED_STRIPE}}, usageEvents: ["{{}}"]}}
clients:
  opencode: {{primary: dynamic/fast, metadata: {{team: {{env: PLANTED_METADATA}}}}, session: {{env: PLANTED_SESSION}}}}
  codex: {{primary: openai/gpt-6-luna, keys: local}}
"""
PROVIDERS = ("MISTRAL", "GROQ", "OPENROUTER", "NVIDIA", "OPENAI", "ANTHROPIC", "CEREBRAS", "GEMINI")
TOKENS = ("PLANTED_DEPLOY_TOKEN", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_AI_GATEWAY_TOKEN", "PULUMI_ACCESS_TOKEN")
VALUES = (
    *(f"{provider}_API_KEY" for provider in PROVIDERS),
    *(f"PLANTED_{name}" for name in ("OTEL", "STRIPE", "METADATA", "SESSION")),
    *("PULUMI_CONFIG_PASSPHRASE", "CF_ACCESS_CLIENT_SECRET", "GH_TOKEN"),
)
SECRETS = {name: fake_token(name) for name in TOKENS} | {name: fake_secret(name) for name in VALUES}
STRONGER = fake_token("stronger")
PASSWORDS = {place: fake_token(f"password-{place}") for place in ("backend", "proxy", "api")}
ALL = [*SECRETS.values(), *PASSWORDS.values(), STRONGER]
COMMANDS = [
    "validate planted",
    "validate planted --format json",
    "validate planted --format github",
    "explain planted gateway",
    "explain planted clients",
    "show planted",
    "show planted --format json",
    "inventory planted",
    "diff planted local",
    "policy planted",
    "routes planted",
    "routes planted --deployed",
    "routes planted rollback fast --yes",
    "render planted",
    "render planted --out files",
    "report planted --out report",
    "report planted --out asked --ask",
    "simulate planted --load 60/h",
    "simulate planted --replay 1d",
    "permissions planted",
    "environments --format json",
    "scan",
    "scan --format json",
    "install planted codex --dry-run",
    "install planted codex --yes",
    "doctor planted",
    "doctor planted --format json",
    "doctor planted codex",
    "preview planted",
    "preview planted --format markdown",
    "preview planted --format json",
    "up planted --yes",
    "down planted --yes",
    "retire planted --yes",
    "rotate planted agents",
    "drift planted",
    "drift planted --format markdown",
    "drift planted --format json",
    "verify planted",
    "verify planted --format markdown",
    "verify planted --format junit",
    "logs planted",
    "logs planted --format json",
    "usage planted",
    "usage planted --format markdown",
    "bootstrap planted --output token",
    f"adopt other --account {LOCAL_ACCOUNT} --gateway agents-planted",
    "adopt planted",
    "engine status",
    "engine env planted",
    "version --format json",
]


SAMPLE = ["show planted", "routes planted rollback fast --yes", "usage planted", "bootstrap planted --output token"]


class _Echo(BaseHTTPRequestHandler):
    """Refuses each request with an error that repeats it: plain, in a URL, and in base64."""

    status = 400

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        sent = f"{self.requestline} {dict(self.headers)} {body}"
        texts = (sent, quote(sent), base64.b64encode(sent.encode()).decode())
        errors = [{"code": 1000, "message": f"refused: {text}"} for text in texts]
        answer = json.dumps({"success": False, "errors": errors, "error": sent, "result": None}).encode()
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  # the names that http.server looks for

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def echo() -> Iterator[int]:
    """The port of a server that repeats what it was sent."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def planted(checkout: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, echo: int) -> Path:
    """A project with a secret in every variable and URL that can hold one. The folder of all that is written."""
    root = tmp_path / "project"
    root.mkdir()
    shutil.copy(checkout.root / "Pulumi.yaml", root)
    copy_stacks(checkout, root / "stacks")
    (root / "stacks" / "planted.yaml").write_text(ENVIRONMENT)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(root)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", f"http://127.0.0.1:{echo}/client/v4")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"postgres://user:{PASSWORDS['backend']}@127.0.0.1:9/state")
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, f"http://user:{PASSWORDS['proxy']}@127.0.0.1:9")
    monkeypatch.setattr("gatewright.cloudflare.client.FIRST_PAUSE", 0.0)
    return tmp_path


@pytest.mark.parametrize(
    ("status", "commands"),
    [
        pytest.param(400, SAMPLE, id="sample"),
        pytest.param(400, COMMANDS, id="400", marks=pytest.mark.long),
        pytest.param(403, COMMANDS, id="403", marks=pytest.mark.long),
    ],
)
def test_no_command_repeats_a_secret(
    planted: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    commands: list[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(_Echo, "status", status)
    codes = set()
    for line in commands:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{STRONGER}\n"))
        codes.add(run(line.split()))
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        places = {
            f"{line}: stdout": out.encode(),
            f"{line}: stderr": err.encode(),
            f"{line}: log": caplog.text.encode(),
        }
        require_no_secret(places, ALL)
        caplog.clear()
    require_no_secret(files_below(planted), ALL)
    assert {ExitCode.DONE, ExitCode.REFUSED if status == 403 else ExitCode.FAILED} <= codes


@pytest.mark.usefixtures("planted")
def test_a_password_in_the_address_of_the_api_is_refused(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be sent in place of the token, and be in the log of the HTTP library."""
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", f"http://user:{PASSWORDS['api']}@127.0.0.1:9/client/v4")
    assert run(["logs", "planted"]) == ExitCode.REFUSED
    out, err = capfd.readouterr()
    assert "has a user or password, sent in place of the API token" in err
    require_no_secret({"stdout": out.encode(), "stderr": err.encode()}, ALL)
