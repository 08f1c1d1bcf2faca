"""Files that gatewright or others wrote, with anything in them: read, ignored or refused with a message."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from planted_secrets import fake_token, find_secret
from trees import changed_tree, paths_in

from gatewright.clients.common.machine import Machine
from gatewright.clients.common.user_settings import read_settings
from gatewright.engine.state import find_locks, find_unreadable, state_version
from gatewright.errors import GatewrightError
from gatewright.import_file import read_imports
from gatewright.install.claims import Claim, Owner, Record, record_to_json
from gatewright.install.journal import Journal
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.text_format import ENV, JSON, Format
from gatewright.operations.history import read_drift_history, read_verify_history
from gatewright.operations.plan.saved_plan import read_saved_plan
from gatewright.operations.reported_limits import read_limits
from gatewright.operations.routes.versions import read_versions
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    Reader = Callable[[Path], object]

SECRET = fake_token("in-a-kept-file")
CHANGE = {"kind": "gateway", "name": "agents-dev", "words": ["cache 5m"], "action": "update"}
PLAN = {"name": "dev", "changes": [CHANGE], "fingerprint": {"key": "v1:a:b", "digests": {"gateway agents-dev": "0a"}}}
RESOURCE = {"type": "pulumi:pulumi:Stack", "urn": "urn:pulumi:dev::a::b::c", "outputs": {"gatewrightVersion": "0.1.0"}}
TIME = "2026-11-01T00:00:00Z"
PROBE = {"name": "a/b", "ok": True, "answered": True, "failure": None, "ms": 5, "answered_by": "b"}
FINDING = {"class": "changed", "kind": "gateway", "name": "g", "path": "p", "difference": "d", "counts": True}
CLAIM = Claim(Owner("/project", "dev", "pi"), entries={("a", "b"): "0a"}, variables=("TOKEN",))
INSTALLED = record_to_json(Record("/home/x.json", JSON, (CLAIM,), {("a",): "1"}, ("/home",)))
KEPT: dict[str, tuple[str, Any, Reader]] = {
    "plan": ("plan.json", {"version": 1, "environments": [PLAN]}, lambda root: read_saved_plan(root / "plan.json")),
    "versions": (
        "versions.json",
        {"environment": "dev", "routes": {"fast": {"id": "r", "version": "v"}}},
        lambda root: read_versions(root / "versions.json"),
    ),
    "imports": (
        "stacks/dev.import.json",
        {"resources": [{"type": "cloudflare:index/aiGateway:AiGateway", "name": "agents-dev", "id": "a/b"}]},
        lambda root: read_imports(Project(root), "dev"),
    ),
    "limits": (
        ".gatewright/history/dev/limits.json",
        {"version": 1, "limits": [{"model": "a/b", "time": 1, "unit": "requests", "remaining": 1, "limit": 2}]},
        lambda root: read_limits(Project(root), "dev"),
    ),
    "verifications": (
        ".gatewright/history/dev/verify.jsonl",
        {"time": TIME, "environment": "dev", "results": [PROBE]},
        lambda root: read_verify_history(Project(root), "dev"),
    ),
    "drift": (
        ".gatewright/history/dev/drift.jsonl",
        {"time": TIME, "environment": "dev", "is_deployed": True, "findings": [FINDING]},
        lambda root: read_drift_history(Project(root), "dev"),
    ),
    "state": (
        ".pulumi/stacks/gatewright/dev.json",
        {"version": 3, "checkpoint": {"latest": {"resources": [RESOURCE]}}},
        lambda root: state_version(root, "gatewright", "dev"),
    ),
    "lock": (
        ".pulumi/locks/organization/gatewright/dev/run.json",
        {"pid": 1, "username": "me", "hostname": "here", "timestamp": "2026-11-01T00:00:00Z"},
        lambda root: [*find_unreadable(root), *find_locks(f"file://{root}", "dev")],
    ),
    "journal": (
        "installed/x.json",
        {"now": INSTALLED, "next": INSTALLED, "now_sha256": None, "next_sha256": "0a"},
        lambda root: Journal(root).records(),
    ),
}
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        -1,
        1.5,
        float("inf"),
        float("nan"),
        10**30,
        "9" * 5000,
        "",
        "\0",
        "\ud800",
        SECRET,
        [],
        {},
        [{}],
        [[]],
    ]
)


def mangled(content: Any, data: st.DataObject) -> bytes:
    """The JSON text of a tree with other values, then with other bytes."""
    for _ in range(data.draw(st.integers(0, 3))):
        paths = [path for path in paths_in(content) if path]
        if paths:
            path = data.draw(st.sampled_from(paths))
            content = changed_tree(content, path, data.draw(ODD), delete=data.draw(st.booleans()))
    text = json.dumps(content).encode()
    if data.draw(st.booleans()):
        start = data.draw(st.integers(0, len(text)))
        text = text[:start] + data.draw(st.binary(max_size=4)) + text[data.draw(st.integers(start, len(text))) :]
    return text


@pytest.mark.parametrize(("name", "content", "read"), KEPT.values(), ids=KEPT)
@examples(40, many=2000, derandomize=True)
@given(data=st.data())
def test_a_kept_file_is_read_or_refused(name: str, content: Any, read: Reader, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(mangled(content, data))
        shown = ""
        try:
            read(Path(folder))
        except GatewrightError as error:
            shown = f"{error.message} {error.hint}"
        assert find_secret(shown.encode(errors="surrogatepass"), SECRET) == []


@pytest.mark.parametrize("path", [("now", "file"), ("next", "claims", 0, "project")])
def test_a_record_with_a_name_that_is_no_text_is_refused(path: tuple[str | int, ...], tmp_path: Path) -> None:
    name, content, read = KEPT["journal"]
    file = tmp_path / name
    file.parent.mkdir()
    file.write_text(json.dumps(changed_tree(content, path, [], delete=False)), encoding="utf-8")
    with pytest.raises(GatewrightError, match="journal of installed settings, cannot be read"):
        read(tmp_path)


PUT: dict[str, tuple[tuple[str, ...], Any]] = {
    "json": (("ours",), "ours"),
    "yaml": (("models", "ours"), {"name": "ours"}),
    "env": (("OURS",), "ours"),
}
PIECES = [
    *("{", "]", '"', "\\u", "&a", "*a", "- ", ": ", "''", "1e999"),
    *("[" * 5000, "\na=" + "[" * 5000, "a." * 5000, "9" * 5000),
]
INSERTED = st.text(max_size=4) | st.sampled_from(PIECES)
TEXTS = {
    "JSON5": (JSON, "// mine\n{\n  a: 'x', \"b\": [1, 0x1F, +.5, Infinity,], /* c */ c: {d: null},\n}\n"),
    "YAML": (Format("yaml", ("models",), "name"), "# mine\nname: x\nmodels:\n  - name: One\n    a: &b [1]\n  - *b\n"),
    "dotenv": (ENV, "# mine\nexport A=1\nB='x y' # c\nC=\"a\\nb\"\n"),
}


def changed_text(text: str, data: st.DataObject) -> str:
    """The text with other pieces in a few places."""
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + data.draw(INSERTED) + text[end:]
    return text


@pytest.mark.parametrize(("kind", "text"), TEXTS.values(), ids=TEXTS)
@examples(80, many=4000, derandomize=True)
@given(data=st.data())
def test_a_users_own_file_is_edited_or_refused(kind: Format, text: str, data: st.DataObject) -> None:
    text = changed_text(text, data)
    path, value = PUT[kind.kind]
    refused = None
    try:
        parsed = kind.read(text)
        parsed.redacted(lambda _path, _text: True)
        edited = kind.read(parsed.put(path, value))  # as a merge does before it writes
    except MalformedTextError as error:
        refused = error
    assert refused.line >= 1 and refused.column >= 1 if refused else edited.get(path) == value


CODEX = """\
profile = "agents-dev"  # mine
model_providers.other = { base_url = 'https://other.example', http_headers = { a = "b" } }
[model_providers."agents-dev"]
request_max_retries = 0x1F
stream_idle_timeout_ms = 1_000.5
[[notices]]
at = 2026-11-01T00:00:00Z
text = '''
many
'''
"""
SETTINGS = {
    "config.toml": CODEX,
    "settings.json5": TEXTS["JSON5"][1],
    "config.yaml": TEXTS["YAML"][1],
    ".env": TEXTS["dotenv"][1],
}


@pytest.mark.parametrize(("name", "text"), SETTINGS.items(), ids=SETTINGS)
@examples(80, many=4000, derandomize=True)
@given(data=st.data())
def test_a_users_settings_are_read_as_what_the_program_reads_or_as_none(
    name: str, text: str, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, name)
        file.write_bytes(changed_text(text, data).encode(errors="surrogateescape"))
        settings = read_settings(Machine(Path(folder), {}, Path(folder), "linux"), file)
    names = settings.data if isinstance(settings.data, dict) else {}
    lines = settings.text.count("\n") + 1
    for key in names:
        place, _, line = settings.location(str(key)).rpartition(":")
        assert place == f"~/{name}"
        assert 1 <= int(line) <= lines
