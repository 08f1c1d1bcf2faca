"""The engine built from its published Go modules, pinned in go.mod and go.sum."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from gatewright.cli.screen import Step
from gatewright.engine.find import remember_origin
from gatewright.engine.toolchain import MODULE, ensure_go
from gatewright.engine.versions import MINIMUM, shown
from gatewright.errors import EngineError
from gatewright.project import Project
from gatewright.setup.failures import explained, explained_os_error
from gatewright.setup.processes import lines_of

PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
LINKER_FLAGS = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{shown(MINIMUM)}"


def build(project: Project, step: Step) -> None:
    """Build the engine into `project.engine_bin`, its advance on `step`. Raises EngineError."""
    work = project.engine_bin.parent
    log = work / "build.log"
    temporary = work / "tmp"
    title = step.title
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        log.write_text("")

        def show(doing: str) -> None:
            step.title = f"{title} (Go: {doing})"

        go = ensure_go(project, show)
        step.title = title
        _compile(go, _environment(project, temporary), log, step, temporary / "pulumi")
        project.engine_bin.mkdir(exist_ok=True)
        (temporary / "pulumi").replace(project.engine_bin / "pulumi")
        remember_origin(project, "built")
    except subprocess.CalledProcessError as error:
        raise EngineError(
            f"the engine could not be built: {explained(error.output, log)}",
            "run the same command again, it goes on where it stopped; or put pulumi on PATH",
        ) from None
    except OSError as error:
        raise EngineError(f"the engine could not be built: {explained_os_error(error, project.root)}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _environment(project: Project, temporary: Path) -> Mapping[str, str]:
    """The user's own, with what makes the build the same everywhere. Go's caches stay where Go keeps them."""
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
        env["GOFLAGS"] += " -modcacherw"  # else `make clean` may not remove it
    return env


def _count_packages(go: Path, env: Mapping[str, str], log: Path, step: Step) -> tuple[int, int]:
    """How many packages the engine has, and how many of them Go has compiled before; fetches the modules."""
    modules = sum(line.startswith("\t") for line in (MODULE / "go.mod").read_text().splitlines())
    fetched = 0
    stale = {"true": 0, "false": 0}
    for line in lines_of([go, "list", "-deps", "-f", "{{.Stale}}", PACKAGE], cwd=MODULE, env=env, log=log):
        if line.startswith("go: downloading "):
            fetched += 1
            step.progress(min(fetched, modules), modules, "modules")
        elif line.strip() in stale:
            stale[line.strip()] += 1
    return sum(stale.values()), stale["false"]


def _compile(go: Path, env: Mapping[str, str], log: Path, step: Step, target: Path) -> None:
    """Compile into `target`. Go names each package that it compiles, not those that it had."""
    total, done = _count_packages(go, env, log, step)
    command: list[str | Path] = [go, "build", "-v", "-ldflags", LINKER_FLAGS, "-o", target, PACKAGE]

    def show() -> None:
        step.progress(min(done, total), total)

    show()
    for line in lines_of(command, cwd=MODULE, env=env, log=log, idle=show):
        done += not line.startswith(("go: ", "#", " ", "\t"))
        show()
    step.progress(total, total)
