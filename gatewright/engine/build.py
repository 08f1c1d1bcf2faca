"""The engine built from its published Go modules, pinned in go.mod and go.sum."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from gatewright.engine.find import write_origin
from gatewright.engine.toolchain import MODULE, ensure_go
from gatewright.engine.versions import MINIMUM, format_version
from gatewright.errors import EngineError
from gatewright.progress import Step
from gatewright.project import Project
from gatewright.setup.failures import explain_os_error, explain_output
from gatewright.setup.processes import output_lines

PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
LINKER_FLAGS = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{format_version(MINIMUM)}"


def build(project: Project, step: Step, title: str) -> None:
    """Build the engine into `project.engine_bin`, as `step`, entitled `title`. Raises EngineError."""
    work = project.engine_bin.parent
    log = work / "build.log"
    temporary = work / "tmp"
    step.retitle(title)
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        log.write_text("")
        go = ensure_go(project, lambda activity: step.retitle(f"{title} (Go: {activity})"))
        step.retitle(title)
        _compile(go, _environment(project, temporary), log, step, temporary / "pulumi")
        project.engine_bin.mkdir(exist_ok=True)
        (temporary / "pulumi").replace(project.engine_bin / "pulumi")
        write_origin(project, "built")
    except subprocess.CalledProcessError as error:
        raise EngineError(
            f"the engine could not be built: {explain_output(error.output, log)}",
            "run the same command again, which continues where this one stopped; or put pulumi on PATH",
        ) from None
    except OSError as error:
        raise EngineError(f"the engine could not be built: {explain_os_error(error, project.root)}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _environment(project: Project, temporary: Path) -> Mapping[str, str]:
    """The user's own, with settings for a reproducible build. Go's caches stay where Go keeps them."""
    env = {
        **os.environ,
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=readonly -trimpath -buildvcs=false",
        "GOWORK": "off",
        "GO111MODULE": "on",
        "CGO_ENABLED": "0",
        "GOTMPDIR": str(temporary),
    }
    for name in ("GOOS", "GOARCH", "GOROOT"):
        env.pop(name, None)
    if not os.access(os.environ.get("HOME", ""), os.W_OK):
        env |= {"GOPATH": str(project.work / "gopath"), "GOCACHE": str(project.work / "gocache")}
        env["GOFLAGS"] += " -modcacherw"  # `make clean` could not remove it otherwise
    return env


def _count_packages(go: Path, env: Mapping[str, str], log: Path, step: Step) -> tuple[int, int]:
    """Fetch the modules; return how many packages the engine has, and how many of them are compiled already."""
    modules = sum(line.startswith("\t") for line in (MODULE / "go.mod").read_text().splitlines())
    fetched = 0
    stale = {"true": 0, "false": 0}
    for line in output_lines([go, "list", "-deps", "-f", "{{.Stale}}", PACKAGE], cwd=MODULE, env=env, log=log):
        if line.startswith("go: downloading "):
            fetched += 1
            step.advance(min(fetched, modules), modules, "modules")
        elif line.strip() in stale:
            stale[line.strip()] += 1
    return sum(stale.values()), stale["false"]


def _compile(go: Path, env: Mapping[str, str], log: Path, step: Step, target: Path) -> None:
    """Compile into `target`. Go prints each package that it compiles, not those in its cache."""
    total, done = _count_packages(go, env, log, step)
    command: list[str | Path] = [go, "build", "-v", "-ldflags", LINKER_FLAGS, "-o", target, PACKAGE]

    def advance() -> None:
        step.advance(min(done, total), total)

    advance()
    for line in output_lines(command, cwd=MODULE, env=env, log=log, idle=advance):
        done += not line.startswith(("go: ", "#", " ", "\t"))
        advance()
    step.advance(total, total)
