"""What encrypts a stack: a passphrase, a key service, a backend with a key of its own; and a change among them."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
import yaml

from gatewright.engine.passphrase import passphrase_file
from gatewright.engine.variables import PASSPHRASE, PASSPHRASE_FILE, Session
from gatewright.errors import ExitCode
from gatewright.operations.stack.pulumi import Pulumi
from gatewright.operations.stack.scratch_stack import scratch_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .clone import Clone
    from .conftest import Clones
    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.nightly]

PROVIDER = "hashivault://a-fake-key"


class Vault(BaseHTTPRequestHandler):
    """HashiCorp Vault's transit engine, which turns the text round; its API:
    https://developer.hashicorp.com/vault/api-docs/secret/transit."""

    def do_PUT(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/transit/encrypt/a-fake-key"):
            data = {"ciphertext": f"vault:v1:{sent['plaintext'][::-1]}"}
        else:
            data = {"plaintext": sent["ciphertext"].removeprefix("vault:v1:")[::-1]}
        body = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


@pytest.fixture(scope="module")
def clone(clones: Clones, pairs: Callable[[str], Pair]) -> Iterator[Clone]:
    made = clones(pairs("stand-ins"))
    made.gatewright("engine", "install")
    vault = ThreadingHTTPServer(("127.0.0.1", 0), Vault)
    Thread(target=vault.serve_forever, daemon=True).start()
    made.exported.update(VAULT_SERVER_URL=f"http://127.0.0.1:{vault.server_port}", VAULT_SERVER_TOKEN="fake")
    yield made
    vault.shutdown()
    vault.server_close()


def stack_file(clone: Clone) -> Path:
    return clone.project.stacks / "Pulumi.local.yaml"


def token(clone: Clone) -> str:
    found: str = clone.outputs()["tokens"]["agents"]
    return found


def test_the_first_up_takes_the_key_service_that_the_file_names(clone: Clone) -> None:
    file = stack_file(clone)
    file.write_text(f"secretsprovider: {PROVIDER}\n")
    clone.gatewright("preview", "local", code=ExitCode.CHANGES)
    assert file.read_text() == f"secretsprovider: {PROVIDER}\n"
    clone.gatewright("up", "local")
    written = yaml.safe_load(file.read_text())
    assert written["secretsprovider"] == PROVIDER
    assert base64.b64decode(written["encryptedkey"]).startswith(b"vault:v1:")
    assert "encryptionsalt" not in written
    assert token(clone)
    clone.gatewright("preview", "local")


def test_from_a_key_service_to_a_passphrase_to_another(clone: Clone) -> None:
    before = token(clone)
    change = ("stack", "change-secrets-provider", "passphrase")
    clone.pulumi(*change)  # by what PULUMI_CONFIG_PASSPHRASE_FILE names
    assert "encryptionsalt" in yaml.safe_load(stack_file(clone).read_text())
    clone.gatewright("preview", "local")

    local = Pulumi(clone.project, clone.engine, Session(clone.variables(), "", ""), "local")
    local.capture(*change, stdin="another fake passphrase")
    passphrase_file(clone.project).write_text("another fake passphrase")
    clone.gatewright("preview", "local")
    assert token(clone) == before


@pytest.mark.parametrize("provider", ["default", "passphrase"])
def test_a_new_stack_is_previewed_without_the_key_of_the_backend(clone: Clone, provider: str) -> None:
    variables = {name: value for name, value in clone.variables().items() if name not in {PASSPHRASE, PASSPHRASE_FILE}}
    session = Session(variables, "https://pulumi.fake.example", "the key of it", provider)
    pulumi = Pulumi(clone.project, clone.engine, session, "new")
    if provider == "passphrase":
        pulumi = replace(pulumi, session=replace(session, environment=variables | {PASSPHRASE: "a fake one"}))
    with scratch_stack(pulumi) as scratch:
        assert re.search("^new", scratch.capture("stack", "ls"), re.MULTILINE)
    assert not (clone.project.stacks / "Pulumi.new.yaml").exists()
