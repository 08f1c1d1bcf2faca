"""Serves the pages of the environments on this machine, as they are now, and the requests of the local Cloudflare."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gatewright import clock
from gatewright.errors import GatewrightError
from gatewright.facts.local_cloudflare import LOCAL_HOST
from gatewright.operations.report.report import gather
from gatewright.operations.report.side_by_side import differing_settings
from gatewright.operations.report.site import TEMPLATES, content_security_policy, render_site
from gatewright.workspace import select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from gatewright.project import Project

RequestLog = Callable[[int], Iterable[Mapping[str, Any]]]
"""The entries of the local Cloudflare's request log after the one of this id."""

ServedPorts = Callable[[], Collection[int]]
"""The ports of the local Cloudflare, none where it does not run."""

MOST_REQUESTS = 50
SHOWN_FIELDS = ("id", "at", "status", "ms", "gateway", "provider", "model", "cache", "code", "fault")
"""Of a request: no path, no credential, no prompt."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": content_security_policy(live=True) + "; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class LiveReport:
    """The pages of the named environments of a project, or of all. They are written again when a file has changed."""

    def __init__(self, project: Project, names: Sequence[str], request_log: RequestLog, served: ServedPorts) -> None:
        self._project = project
        self._names = names
        self._request_log = request_log
        self._served = served
        self._lock = threading.Lock()
        self._state = ""
        self._files: dict[str, str] = {}

    def app(self) -> Starlette:
        """The server's application. It answers requests that name this machine as their host only."""
        routes = [
            Route("/", self._page),
            Route("/live.js", self._script),
            Route("/requests", self._requests),
            Route("/{file}", self._page),
        ]
        hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[LOCAL_HOST, "localhost"], www_redirect=False)
        return Starlette(routes=routes, middleware=[hosts])

    def _page(self, request: Request) -> Response:
        try:
            with self._lock:  # requests are answered by several threads
                self._refresh()
        except GatewrightError as error:
            return Response(f"{error.message}\n", 500, HEADERS, "text/plain")
        text = self._files.get(request.path_params.get("file", "index.html"))
        return HTMLResponse(text, headers=HEADERS) if text else Response("not found\n", 404, HEADERS, "text/plain")

    def _script(self, _: Request) -> Response:
        return Response((TEMPLATES / "live.js").read_bytes(), headers=HEADERS, media_type="text/javascript")

    def _requests(self, request: Request) -> Response:
        """The last requests to models after the entry `after`, and the state of the files, which changes with them."""
        after = request.query_params.get("after", "0")
        entries = deque(self._request_log(int(after) if after.isdecimal() else 0), maxlen=MOST_REQUESTS)
        requests = [
            {field: entry[field] for field in SHOWN_FIELDS if field in entry} for entry in entries if "gateway" in entry
        ]
        newest = entries[-1]["id"] if entries else None
        return JSONResponse({"requests": requests, "newest": newest, "state": self._current_state()}, headers=HEADERS)

    def _refresh(self) -> None:
        state = self._current_state()
        if state != self._state:
            now = clock.now(os.environ)
            environments = select(self._project, self._names)
            pages = gather(self._project, environments, self._served(), now)
            self._files = dict(render_site(pages, differing_settings(environments), now, live=True))
            self._state = state

    def _current_state(self) -> str:
        """What the pages depend on: the day, and when the files changed last."""
        newest = max((path.stat().st_mtime_ns for path in self._project.stacks.glob("*.y*ml")), default=0)
        return f"{clock.today(os.environ)}-{newest}"
