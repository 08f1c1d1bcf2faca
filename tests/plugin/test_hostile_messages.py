"""Malformed and oversized messages to our plugins and the language host: an error, never a crash or an endless wait."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from examples import examples
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from planted_secrets import fake_token, find_secret

from gatewright.facts.engine_values import SIGNATURE
from gatewright.plugin.protos import language_pb2
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.provider.__main__ import Gatewright

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = fake_token("in-a-message")
WITHIN = 60
"""Seconds for one call, on a busy machine."""
OPTIONS = [("grpc.max_metadata_size", 1 << 24), ("grpc.max_receive_message_length", -1)]
PROVIDER, LANGUAGE = rpc.DESCRIPTOR, language_pb2.DESCRIPTOR
PROGRAMS = {
    "gatewright.provider": PROVIDER.services_by_name["ResourceProvider"],
    "gatewright.local.cloudflare_plugin": PROVIDER.services_by_name["ResourceProvider"],
    "gatewright.local.language_host": LANGUAGE.services_by_name["LanguageRuntime"],
}


class Program:
    """One of our programs that serve the engine, and what it writes to standard error."""

    def __init__(self, module: str, folder: Any) -> None:
        self.service = PROGRAMS[module]
        self.errors = folder / "errors.txt"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, "127.0.0.1:1"],
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=folder,
                env=os.environ | {"CLOUDFLARE_API_TOKEN": SECRET, "CLOUDFLARE_BASE_URL": "http://127.0.0.1:1"},
            )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}", OPTIONS)

    def call(self, method: str, data: bytes, metadata: tuple[tuple[str, str], ...] = ()) -> grpc.StatusCode:
        """The status of a call with these bytes as its message."""
        is_stream = any(known.name == method and known.server_streaming for known in self.service.methods)
        kind = self.channel.unary_stream if is_stream else self.channel.unary_unary
        started: Any = kind(f"/{self.service.full_name}/{method}", lambda sent: sent, lambda received: received)
        try:
            answer = started(data, timeout=WITHIN, metadata=metadata)
            if is_stream:
                list(answer)
        except grpc.RpcError as error:
            code: grpc.StatusCode = error.code()
            return code
        return grpc.StatusCode.OK

    def require_well(self) -> None:
        """It still answers, and has written no secret."""
        assert self.call("GetPluginInfo", Empty().SerializeToString()) is grpc.StatusCode.OK
        assert self.process.poll() is None
        assert find_secret(self.errors.read_bytes(), SECRET) == []


@pytest.fixture(scope="module", params=PROGRAMS)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    running = Program(request.param, tmp_path_factory.mktemp("program"))
    yield running
    running.require_well()
    running.channel.close()
    running.process.kill()
    running.process.communicate()


MALFORMED = {
    "cut": b"\x0a\xff\xff\xff\x7f" + SECRET.encode(),
    "no protobuf": b"\xff" * 100,
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_malformed_bytes_are_refused_by_every_method(program: Program, data: bytes) -> None:
    statuses = {method.name: program.call(method.name, data) for method in program.service.methods}
    empty = {method.name for method in program.service.methods if method.input_type.name == "Empty"}
    assert {status for name, status in statuses.items() if name not in empty} <= {
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.UNKNOWN,
    }
    program.require_well()


def test_an_unknown_method_and_another_service_are_unimplemented(program: Program) -> None:
    assert program.call("Nothing", b"") is grpc.StatusCode.UNIMPLEMENTED
    other: Any = program.channel.unary_unary("/pulumirpc.Nothing/Get", lambda sent: sent, lambda received: received)
    with pytest.raises(grpc.RpcError) as refused:
        other(b"", timeout=WITHIN)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
    program.require_well()


def test_huge_metadata_is_refused(program: Program) -> None:
    status = program.call("GetPluginInfo", b"", (("x-huge", "a" * 1_000_000),))
    assert status is grpc.StatusCode.RESOURCE_EXHAUSTED
    program.require_well()


def test_what_is_not_http_2_is_cut_off(program: Program) -> None:
    for sent in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01" + b"\0" * 500,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 90,
    ):
        with socket.create_connection(("127.0.0.1", program.port), timeout=WITHIN) as connection:
            connection.sendall(sent)
            while connection.recv(4096):
                pass
    program.require_well()


def test_half_open_connections_keep_nobody_waiting(program: Program) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", program.port), timeout=WITHIN))
            connection.sendall(b"PRI * HTTP/2.0\r\n")
        program.require_well()
    program.require_well()


def test_a_deep_message_is_refused(program: Program) -> None:
    """It is parsed in the program only: Pulumi's SDK lifts protobuf's limit of depth in a process that imports it."""
    value = b""
    while len(value) < 60_000:  # a list in a list in a list
        value = b"\x32" + _length(len(value) + 1 + len(_length(len(value)))) + b"\x0a" + _length(len(value)) + value
    field = b"\x0a\x01a\x12" + _length(len(value)) + value
    struct = b"\x0a" + _length(len(field)) + field
    for method, number in (("Check", 3), ("Configure", 2), ("Invoke", 2), ("Run", 1)):
        if method in {known.name for known in program.service.methods}:
            sent = bytes([number << 3 | 2]) + _length(len(struct)) + struct
            assert program.call(method, sent) is grpc.StatusCode.INTERNAL
    program.require_well()


def _length(number: int) -> bytes:
    """A length as a varint."""
    parts = [number >> shift & 0x7F for shift in range(0, max(7, number.bit_length()), 7)]
    return bytes([*(part | 0x80 for part in parts[:-1]), parts[-1]])


def test_a_large_message_is_read(program: Program) -> None:
    """A state may exceed gRPC's default of four megabytes."""
    text = "x" * 16_000_000
    requests = {
        "Check": rpc.CheckRequest(urn=URNS[0], news=_struct({"text": text})),
        "Handshake": language_pb2.LanguageHandshakeRequest(engine_address=text),
    }
    method = "Check" if program.service.name == "ResourceProvider" else "Handshake"
    status = program.call(method, requests[method].SerializeToString())
    assert status in {grpc.StatusCode.OK, grpc.StatusCode.UNIMPLEMENTED}  # one of the plugins has no such resource
    program.require_well()


URNS = [f"urn:pulumi:dev::gatewright::{token}::first" for token in Gatewright("").resources]
TEXTS = st.sampled_from(
    ["", "x", SECRET, "../..", "a/b/c", "\0", "é" * 300, *URNS, "urn:pulumi:dev", "::::", "a::b::c"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["accountId", "path", "text", "a", SIGNATURE, "value", "id"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
RESOURCES = Gatewright("").schema()["resources"].values()
INPUTS = sorted({name for resource in RESOURCES for name in resource["properties"]})


def _struct(fields: dict[str, Any]) -> Struct:
    struct = Struct()
    struct.update(fields)
    return struct


STRUCTS = st.dictionaries(st.sampled_from(INPUTS) | TEXTS, VALUES, max_size=6).map(_struct)
SAFE = {
    "CheckConfig",
    "DiffConfig",
    "Configure",
    "Check",
    "Diff",
    "Invoke",
    "Handshake",
    "GetSchema",
    "Call",
}
"""Methods that neither call Cloudflare nor start a program. Create and Update are called as in a preview."""


def messages(kind: Any) -> st.SearchStrategy[Any]:
    """Any message of a type: fields of texts, numbers, properties and others."""
    fields = {field.name: values for field in kind.DESCRIPTOR.fields if (values := _values(field)) is not None}
    return st.fixed_dictionaries({}, optional=fields).map(lambda chosen: kind(**chosen))


def _values(field: FieldDescriptor) -> st.SearchStrategy[Any] | None:
    if field.message_type is not None:
        return STRUCTS if field.message_type.full_name == "google.protobuf.Struct" else None
    values = {
        FieldDescriptor.CPPTYPE_STRING: TEXTS if field.type != FieldDescriptor.TYPE_BYTES else st.binary(max_size=9),
        FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
        FieldDescriptor.CPPTYPE_DOUBLE: st.floats(),
        FieldDescriptor.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
        FieldDescriptor.CPPTYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    }.get(field.cpp_type)
    return st.lists(values, max_size=2) if values is not None and field.is_repeated else values


@examples(40, many=2000, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_message_gets_a_status(program: Program, data: st.DataObject) -> None:
    by_name = {method.name: method.input_type for method in program.service.methods}
    method = data.draw(st.sampled_from(sorted(by_name.keys() & (SAFE | {"Create", "Update"}))))
    kind = getattr(language_pb2 if program.service.name == "LanguageRuntime" else rpc, by_name[method].name, Empty)
    message = data.draw(messages(kind))
    if method in {"Create", "Update"}:
        message.preview = True
    sent = message.SerializeToString()
    start = data.draw(st.integers(0, len(sent)))
    mangled = sent[:start] + data.draw(st.binary(max_size=3)) + sent[data.draw(st.integers(start, len(sent))) :]
    program.call(method, data.draw(st.sampled_from([sent, mangled])) if kind is not Empty else b"")
    program.require_well()
