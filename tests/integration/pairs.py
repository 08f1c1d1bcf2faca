"""What stands beside the engine: our stand-ins, or the official programs that GATEWRIGHT_OFFICIAL names."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatewright.engine.launchers import place_language_host

if TYPE_CHECKING:
    from gatewright.engine.find import Engine

OFFICIAL_VARIABLE = "GATEWRIGHT_OFFICIAL"
NAMES = ("stand-ins", pytest.param("official", marks=pytest.mark.long))
EITHER = "either"
"""The official pair where it is named, else the stand-ins."""
WITH_EITHER = pytest.mark.parametrize("pair", [EITHER], indirect=True)
"""For what is ours alone, or what other tests show to be the same with both: once is enough."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A language host and a Cloudflare plugin. `bin` holds the engine and the host; `home` is the user's PULUMI_HOME,
    where an official plugin is looked for."""

    name: str
    bin: Path
    home: Path

    @property
    def is_official(self) -> bool:
        return self.name == "official"


def official_folder() -> Path | None:
    """The folder of the official programs, if one is named."""
    named = os.environ.get(OFFICIAL_VARIABLE)
    return Path(named) if named else None


def stand_ins(engine: Engine, folder: Path) -> Pair:
    """Our own two, in `folder`; the plugin is put in place by gatewright itself, in each clone."""
    pair = _with_engine("stand-ins", engine, folder)
    place_language_host(pair.bin)
    return pair


def official(engine: Engine, folder: Path, programs: Path) -> Pair:
    """The official two, in `folder`, from the `install.sh` of `programs`."""
    pair = _with_engine("official", engine, folder)
    for part, place in (("plugin", pair.home), ("host", pair.bin)):
        subprocess.run([programs / "install.sh", part, place], check=True, capture_output=True)
    return pair


def _with_engine(name: str, engine: Engine, folder: Path) -> Pair:
    pair = Pair(name, folder / "bin", folder / "home")
    for made in (pair.bin, pair.home):
        made.mkdir(parents=True)
    program = engine.path.resolve()
    try:
        (pair.bin / "pulumi").hardlink_to(program)
    except OSError:  # another file system
        shutil.copy2(program, pair.bin / "pulumi")
    return pair
