"""A simulated year of one environment: what its schedule runs every day, and what others do to it. Nothing grows."""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import asdict, dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import click
import httpx
import pytest

from gatewright.clock import DAY, NOW, format_timestamp
from gatewright.engine.old_runs import KEPT_RUNS

from ..every_kind import ADOPT, declare, deletions
from ..pairs import WITH_EITHER
from ..test_rotation import MONTHLY, SLOT
from .sizes import measure
from .troubles import TROUBLES

if TYPE_CHECKING:
    from ..clone import Clone
    from ..conftest import Clones
    from ..pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.nightly, WITH_EITHER]

DAYS = int(os.environ.get("GATEWRIGHT_YEAR_DAYS") or 12)
SEED = int(os.environ.get("GATEWRIGHT_YEAR_SEED") or 1)
YEAR = 365 * DAY
RETIREMENTS = 4
COMMANDS = 8
"""More than are ever needed after one trouble."""

GATEWRIGHT = ".venv/bin/gatewright"


@dataclass(frozen=True, slots=True)
class Year:
    """A clone whose clock, and whose Cloudflare's, is on some day."""

    clone: Clone
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311  a seed, so that a failure can be repeated

    def begin(self, day: int) -> None:
        text = format_timestamp(SLOT + DAY + day * YEAR // DAYS)
        self.clone.exported[NOW] = text
        url = f"http://127.0.0.1:{self.clone.port}/__local__/clock"
        assert httpx.put(url, json={"now": text}, trust_env=False).is_success

    def live(self) -> str:
        """One trouble, and what the schedule runs after it; the trouble's name."""
        trouble = self.random.choice(TROUBLES)
        trouble(self.clone, self.random)
        self.run(f"{GATEWRIGHT} catalog check local --offline", 0, 2)
        self.run(f"{GATEWRIGHT} catalog update local --offline --apply", 0)
        self.run(f"{GATEWRIGHT} drift local --history", 0, 2)
        self.deploy()
        for finding in self.findings():
            command = finding["mend"]
            if finding["class"] != "orphan":  # a disabled token: a refresh does not enable it
                assert "pulumi up --replace" in command, finding
                self.run(shlex.join(["sh", "-c", f"{command} --yes"]), 0)
                self.deploy()  # which removes the records of old runs
            else:
                self.run(command, 0)  # an expired token, which the refresh dropped from the state
        assert self.findings() == []
        self.run(f"{GATEWRIGHT} usage local", 0)
        return trouble.__name__

    def findings(self) -> list[dict[str, Any]]:
        """What drift finds but for models that retire."""
        (drift,) = json.loads(self.run(f"{GATEWRIGHT} drift local --history --format json", 0, 2))["environments"]
        return [finding for finding in drift["findings"] if finding["counts"] and finding["kind"] != "model"]

    def deploy(self) -> None:
        """`up` until it succeeds and prints nothing more to run."""
        for _ in range(COMMANDS):
            code, text = self.complete(f"{GATEWRIGHT} up local --refresh")
            commands = [ADOPT] if ADOPT in text else deletions(text)
            for command in commands:
                self.run(command, 0)
            if code == 0 and not commands:
                return
        pytest.fail(text)

    def run(self, command: str, *codes: int) -> str:
        code, text = self.complete(command)
        assert code in codes, f"{command} ended with {code}:\n{text}"
        return text

    def complete(self, command: str) -> tuple[int, str]:
        done = self.clone.complete(shlex.split(command), self.clone.shell())
        assert self.clone.is_calm(done.stdout), done.stdout
        return done.returncode, done.stdout


def models() -> dict[str, Any]:
    """Models of groq that retire one after the other, each with the next as its successor."""
    sources = [{"name": name, "date": "2029-12-01"} for name in ("a notice", "a list")]
    retiring = {
        f"model-{number}": {
            "id": "openai/gpt-oss-20b",
            "retires": format_timestamp(SLOT + (number + 1) * YEAR // (RETIREMENTS + 1))[:10],
            "use": f"groq/model-{number + 1}",
            "sources": sources,
        }
        for number in range(RETIREMENTS)
    }
    return {**retiring, f"model-{RETIREMENTS}": {"id": "openai/gpt-oss-20b"}}


def copy_runs(clone: Clone) -> None:
    """More records of earlier runs than are kept, as an environment has that is older than this year."""
    for kind in ("history", "backups"):
        for file in [*(clone.project.work / "state/.pulumi" / kind).glob("*/local/local*")]:
            moment = next(part for part in file.name.replace("-", ".").split(".") if part.isdecimal())
            for run in range(1, KEPT_RUNS + 2):
                file.with_name(file.name.replace(moment, str(int(moment) - run))).write_bytes(file.read_bytes())


def test_a_year(clones: Clones, pair: Pair) -> None:
    """`pytest -s` prints the sizes of each day."""
    clone = clones(pair)
    declare(
        clone,
        tokens={"agents": {"rotate": MONTHLY}},
        providers={"nvidia": {"baseUrl": "https://integrate.api.nvidia.com/v1"}, "groq": {"models": models()}},
        routes={"fast": ["groq/model-0", "workers-ai/gpt-oss-20b"]},
    )
    clone.gatewright("engine", "install")
    clone.gatewright("local", "start", "--port", str(clone.port))
    year = Year(clone)
    year.begin(0)
    year.deploy()
    first = measure(clone)
    copy_runs(clone)
    for day in range(1, DAYS + 1):
        year.begin(day)
        trouble = year.live()
        sizes = measure(clone)
        click.echo(json.dumps({"day": day, "trouble": trouble, **asdict(sizes)}))
        assert sizes.problems(first, day) == [], f"day {day}, after {trouble}"
    assert f"groq/model-{RETIREMENTS}" in (clone.project.stacks / "local.yaml").read_text().partition("routes:")[2]
