"""A project of many environments and models: CPU seconds and memory of the commands that read all of it.

`python -m bench.large`, with `tests` on PYTHONPATH, prints them for a tenth and for all of the environments.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

ENVIRONMENTS, MODELS = 500, 5_000
KNOWN = ("openai", "anthropic", "mistral", "groq", "cerebras")
PROVIDERS = (*KNOWN, *(f"vendor-{number}" for number in range(15)))

BASE = """\
extends: catalog.yaml
routes: {fast: [groq/model-0, mistral/model-1]}
roles: {main: {primary: dynamic/fast, fallbacks: [mistral/model-2]}}
tokens: {agents: {rotate: {every: 30d, overlap: 7d}}}
clients: {openclaw: {role: main}, pi: {primary: dynamic/fast}}
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of a command, and the most memory that it had, in MiB."""

    seconds: float
    memory: float


def generate(root: Path, environments: int, models: int = MODELS) -> Path:
    """A project whose environments share one catalog, and use two of its providers each."""
    stacks = root / "stacks"
    stacks.mkdir(parents=True)
    (root / "Pulumi.yaml").write_text("name: large\nruntime: python\nstackConfigDir: stacks\n")
    (stacks / "catalog.yaml").write_text(_catalog(models // len(PROVIDERS)))
    (stacks / "base.yaml").write_text(BASE)
    for number in range(environments):
        (stacks / f"env-{number:03}.yaml").write_text(
            f"extends: base.yaml\naccount: {number:032x}\nuse: [groq, mistral]\n"
            f"gateway: {{cache: {{ttl: {number % 60 + 1}m}}}}\n"
        )
    return root


def _catalog(models: int) -> str:
    facts = "name: Model {0}, context: 131072, reasoning: true, cost: {{input: 1, output: 2}}"
    lines = ["providers:\n"]
    for provider in PROVIDERS:
        url = "" if provider in KNOWN else f"    baseUrl: https://{provider}.example.test/v1\n"
        lines += [f"  {provider}:\n    key: {{env: FAKE_KEY}}\n{url}    models:\n"]
        for number in range(models):
            lines.append(f"      model-{number}: {{id: vendor/model-{number}, {facts.format(number)}}}\n")
    return "".join(lines)


def measure(root: Path, *arguments: str) -> Cost:
    """The cost of one gatewright command in the project."""
    command = [str(Path(sys.executable).with_name("gatewright")), *arguments]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise click.ClickException(f"{' '.join(command)} ended with {process.returncode}:\n{output}")
    size = 1024 if sys.platform == "linux" else 1024 * 1024
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / size)


COMMANDS = (("validate", "--all"), ("environments",), ("inventory", "env-000"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for count in (ENVIRONMENTS // 10, ENVIRONMENTS):
            root = generate(Path(folder) / str(count), count)
            for command in COMMANDS:
                cost = measure(root, *command)
                name = f"{count} environments, {MODELS:,} models: {' '.join(command)}"
                click.echo(f"{name:<70}{cost.seconds:6.1f} s {cost.memory:6.0f} MiB")


if __name__ == "__main__":
    main()
