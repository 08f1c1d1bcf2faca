"""A provider as a process of its own, called as the engine calls it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from gatewright.facts.engine_values import FILE_SIGNATURES, SIGNATURE
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.plugin.protos import provider_pb2_grpc
from gatewright.plugin.values import UNKNOWN, Object, Secret, from_struct, to_struct

if TYPE_CHECKING:
    from collections.abc import Iterator

URN = "urn:pulumi:test::gatewright::parent:index:Parent$notes:index:Note::first"
NOTE: Object = {"text": "hello", "colour": "yellow"}


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("notes_plugin.py"))], stdout=subprocess.PIPE, text=True
    ) as plugin:
        yield plugin
        plugin.kill()


@pytest.fixture
def stub(process: subprocess.Popen[str]) -> Iterator[Any]:
    assert process.stdout is not None
    with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


def test_handshake_and_configure_accept_secrets_and_previews(stub: Any) -> None:
    assert stub.Handshake(rpc.ProviderHandshakeRequest()).accept_secrets
    answer = stub.Configure(rpc.ConfigureRequest(args=to_struct({})))
    assert answer.acceptSecrets
    assert answer.supportsPreview


def test_check_completes_the_inputs_and_reports_every_failure(stub: Any) -> None:
    assert from_struct(stub.Check(rpc.CheckRequest(urn=URN, news=to_struct(NOTE))).inputs) == {**NOTE, "pinned": False}
    failures = stub.Check(rpc.CheckRequest(urn=URN, news=to_struct({}))).failures
    assert [(failure.property, failure.reason) for failure in failures] == [
        ("text", "text is required"),
        ("colour", "colour is required"),
    ]


def test_diff_tells_updates_from_replacements(stub: Any) -> None:
    def diff(news: Object) -> Any:
        return stub.Diff(rpc.DiffRequest(id="n1", urn=URN, old_inputs=to_struct(NOTE), news=to_struct(news)))

    assert diff(NOTE).changes == rpc.DiffResponse.DIFF_NONE
    changed = diff({"text": UNKNOWN, "colour": "red", "pinned": True})
    assert changed.changes == rpc.DiffResponse.DIFF_SOME
    assert list(changed.replaces) == ["colour"]
    assert {path: rpc.PropertyDiff.Kind.Name(entry.kind) for path, entry in changed.detailedDiff.items()} == {
        "text": "UPDATE",
        "colour": "UPDATE_REPLACE",
        "pinned": "ADD",
    }


def test_create_read_update_and_delete(stub: Any) -> None:
    created = stub.Create(rpc.CreateRequest(urn=URN, properties=to_struct(NOTE)))
    assert (created.id, from_struct(created.properties)) == ("n1", {**NOTE, "seal": Secret("wax")})
    assert stub.Read(rpc.ReadRequest(id="n1", urn=URN)).id == "n1"
    stub.Update(rpc.UpdateRequest(id="n1", urn=URN, news=to_struct({**NOTE, "text": "bye"})))
    assert from_struct(stub.Read(rpc.ReadRequest(id="n1", urn=URN)).properties)["text"] == "bye"
    stub.Delete(rpc.DeleteRequest(id="n1", urn=URN))
    assert stub.Read(rpc.ReadRequest(id="n1", urn=URN)).id == ""


def test_functions_are_called_by_token(stub: Any) -> None:
    answer = stub.Invoke(rpc.InvokeRequest(tok="notes:index:echo", args=to_struct({"a": [1, "b"]})))
    assert from_struct(getattr(answer, "return")) == {"a": [1, "b"]}


def test_an_error_is_one_line_with_its_hint(stub: Any) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        stub.Create(rpc.CreateRequest(urn=URN, properties=to_struct({**NOTE, "text": "refused"})))
    assert refused.value.details() == "this note may not be kept: write another"


def test_an_unknown_type_is_reported_with_the_known_ones(stub: Any) -> None:
    with pytest.raises(grpc.RpcError) as unknown:
        stub.Check(rpc.CheckRequest(urn="urn:pulumi:test::gatewright::notes:index:Book::first"))
    assert unknown.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert unknown.value.details() == "the plugin notes has no resource notes:index:Book; it has notes:index:Note"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly_on_a_signal(process: subprocess.Popen[str], how: signal.Signals) -> None:
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(how)
    assert process.wait(timeout=4) == 0


def test_it_ends_when_its_parent_has_died() -> None:
    plugin = str(Path(__file__).with_name("notes_plugin.py"))
    parent = f"import subprocess,sys,time; p = subprocess.Popen([sys.executable, {plugin!r}]); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        engine.stdout.readline()
        engine.kill()
        assert engine.stdout.read() == ""  # ends only once the plugin, which holds the other end, is gone


@pytest.mark.parametrize("urn", ["", "urn:pulumi:test", "a::b::c"])
def test_a_urn_that_is_not_one_is_named(stub: Any, urn: str) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        stub.Check(rpc.CheckRequest(urn=urn))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details() == f"{urn!r} is not the URN of a resource"


def test_an_asset_is_an_error_with_its_hint(stub: Any) -> None:
    asset: Object = {SIGNATURE: next(iter(FILE_SIGNATURES)), "text": "a file"}
    with pytest.raises(grpc.RpcError) as refused:
        stub.Check(rpc.CheckRequest(urn=URN, news=to_struct({"text": asset})))
    assert str(refused.value.details()).startswith("assets and archives are not accepted")
