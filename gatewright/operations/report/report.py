"""Gather the pages of environments, and write them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.io.output_folder import OutputFolder
from gatewright.operations.drift.accounts import Accounts
from gatewright.operations.report.pages import InvalidPage, Page, build_page
from gatewright.operations.report.side_by_side import differing_settings
from gatewright.operations.report.site import is_page_file, render_site

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from gatewright.environment.load import Loaded
    from gatewright.project import Project


@frozen
class Written:
    """The files that were written, those of an earlier report that were removed, and the environments with errors,
    whose pages list these."""

    files: tuple[str, ...]
    removed: tuple[str, ...]
    invalid: tuple[str, ...]


def gather(
    project: Project, environments: Sequence[Loaded], served: Collection[int], now: int, *, ask: bool = False
) -> list[Page]:
    """The pages of environments. `served` are the ports of the local Cloudflare, if it runs; with `ask` accounts are
    asked for the dates of tokens and keys. Raises what `Client` raises."""
    with Accounts(project) as accounts:
        return [
            build_page(project, loaded, accounts if _is_asked(loaded, served, ask=ask) else None, now)
            for loaded in environments
        ]


def _is_asked(loaded: Loaded, served: Collection[int], *, ask: bool) -> bool:
    if loaded.environment is None:
        return False
    local = loaded.environment.local
    return ask if local is None else local.port in served


def write_report(
    project: Project, environments: Sequence[Loaded], folder: Path, served: Collection[int], *, ask: bool = False
) -> Written:
    """Write the pages into `folder`, and remove those that an earlier report wrote of other environments.

    Raises:
        UsageError: the folder cannot be created.
        FileRefusedError: the folder has a file of the same name that gatewright did not write.
    """
    now = clock.now(os.environ)
    pages = gather(project, environments, served, now, ask=ask)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"--out {folder}: the folder cannot be created: {error.strerror}"
        raise UsageError(message, "Name a folder in which you may write") from None
    output = OutputFolder(folder)
    files = []
    for name, text in render_site(pages, differing_settings(environments), now):
        output.write(name, text)
        files.append(name)
    removed = [name for name in sorted(output.written() - {*files}) if is_page_file(name) and output.remove(name)]
    return Written(tuple(files), tuple(removed), tuple(page.name for page in pages if isinstance(page, InvalidPage)))
