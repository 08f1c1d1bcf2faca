"""The commands on an environment with an account id, as on Cloudflare: by its names, over TLS, within its rate limit.

`up` makes the environment on the local Cloudflare, which answers by those names too. Where the engine asks Cloudflare,
it needs the official plugin, so preview, up and drift are refused without it.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import yaml
from local.tls import NAMES, by_name
from planted_secrets import require_no_secret

from gatewright.engine.passphrase import passphrase_file
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.operations.probe.role_drill import NO_SUCH_MODEL

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from pathlib import Path

    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]

EXPECTED = {
    "verify local": " 43 of 43 answered",
    "verify local --fire-drill --really --only dynamic/fast": "in a copy in which groq/gpt-oss-20b fails, workers-ai/",
    "usage local": "gateway agents-local",
    "logs local": "groq/gpt-oss-20b",
    "routes local --deployed": "dynamic/fast (version ",
    "doctor local": "✓ gateway              agents-local, in this stack",
    "adopt local": "Cloudflare has nothing of local that is not in its stack.",
}
"""By command: a part of what it prints."""


def test_an_account_by_its_id(clone: Clone, tmp_path: Path) -> None:
    with by_name(clone.port, tmp_path) as (proxy, variables):
        clone.exported.update(variables)
        clone.gatewright("up", "local")
        assert proxy.names == []  # nothing on this machine is asked for by the shell's proxy
        declare_account(clone, tmp_path / "passphrase")
        for order in ({"model": NO_SUCH_MODEL, "kind": "unknown"}, {"delay_ms": 100}):  # local models have any name
            clone.order(on="upstream", times=999, **order)
        outputs = {command: clone.gatewright(*command.split()) for command in EXPECTED}
        assert set(proxy.names) == set(NAMES)
        token = clone.gatewright("token", "local").strip()
        if not clone.pair.is_official:
            outputs["drift"] = clone.gatewright("drift", "local", code=1)
            assert "a real account needs Cloudflare's official plugin" in outputs["drift"]
    for command, part in EXPECTED.items():
        assert part in outputs[command], outputs[command]
    require_no_secret({name: text.encode() for name, text in outputs.items()}, [LOCAL_DEPLOY_TOKEN, token])


def declare_account(clone: Clone, passphrase: Path) -> None:
    """Declare the account by its id, and export what a real one needs."""
    shutil.copy(passphrase_file(clone.project), passphrase)
    clone.exported.update(CLOUDFLARE_API_TOKEN=LOCAL_DEPLOY_TOKEN, PULUMI_CONFIG_PASSPHRASE_FILE=str(passphrase))
    file = clone.project.stacks / "local.yaml"
    declared = yaml.safe_load(file.read_text())
    del declared["local"]
    file.write_text(yaml.safe_dump({**declared, "account": LOCAL_ACCOUNT}))
