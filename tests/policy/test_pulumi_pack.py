"""The policy pack that `policy init --pulumi` writes, served by Pulumi's own SDK and asked as the engine asks it.

tests/integration/test_policy_pack.py has the engine run it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from policy_sdk import install_policy_sdk
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from gatewright.clock import NOW
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.operations.policy.init import write_pack

pytestmark = pytest.mark.nightly

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # the engine's sign of a text that is not known yet


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a pack: Pulumi's SDK for policies beside the packages of this one."""
    folder = tmp_path_factory.mktemp("sdk")
    install_policy_sdk(folder)
    return {**os.environ, "PYTHONPATH": str(folder), NOW: "2026-11-01T00:00:00Z"}


@pytest.fixture(scope="module")
def analyzer(
    variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    pack = tmp_path_factory.mktemp("pack")
    write_pack(pack)
    command = [sys.executable, "-u", str(pack / "__main__.py")]
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
        process.terminate()


def analyze(analyzer: Any, **inputs: Any) -> dict[str, str]:
    """The violations by the names of the policies."""
    properties = Struct()
    properties.update({"accountId": UNKNOWN, "id": "agents-prod", **inputs})
    request = analyzer_pb2.AnalyzeRequest(
        type=AI_GATEWAY.token,
        name="agents-prod",
        urn=f"urn:pulumi:prod::agents::{AI_GATEWAY.token}::agents-prod",
        properties=properties,
        options=analyzer_pb2.AnalyzerResourceOptions(protect=True),
    )
    response = analyzer.Analyze(request)
    return {each.policyName: each.message for each in response.diagnostics}


def test_policies_are_listed_with_their_levels(analyzer: Any) -> None:
    levels = {each.name: each.enforcementLevel for each in analyzer.GetAnalyzerInfo(Empty()).policies}
    assert levels["authenticated"] == analyzer_pb2.MANDATORY
    assert levels["spend-limit"] == analyzer_pb2.ADVISORY
    assert "client-sends-team" not in levels


def test_a_gateway(analyzer: Any) -> None:
    found = analyze(analyzer, authentication=False, cacheTtl=7200)
    assert {"authenticated", "cache-at-most-1h", "spend-limit"} == found.keys()
    assert "Set gateway.authenticated to true" in found["authenticated"]
    assert {"spend-limit"} == analyze(analyzer, authentication=True, cacheTtl=3600).keys()


def test_a_value_that_is_not_known_yet(analyzer: Any) -> None:
    found = analyze(analyzer, authentication=True, cacheTtl="3eeb2bf0-c639-47a8-9e75-3b44932eb421")
    assert "can't be known during preview" in found["cache-at-most-1h"]


def test_a_broken_file_is_reported(variables: dict[str, str], tmp_path: Path) -> None:
    write_pack(tmp_path / "pack")
    (tmp_path / "pack" / "policies.yaml").write_text("rules: {x: {for: gateway, require: gatway.x, message: m}}\n")
    command = [sys.executable, str(tmp_path / "pack" / "__main__.py")]
    result = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == "policies.yaml:1:36 rules.x.require: unknown name gatway. Did you mean gateway?\n"
