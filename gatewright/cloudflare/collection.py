"""A collection of the control plane: its items are listed in pages, read by id, created once and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from gatewright.errors import CloudflareError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatewright.cloudflare.client import Client

    Json = dict[str, Any]

PAGE_SIZE = 50
T = TypeVar("T")


def list_all(client: Client, path: str, *, missing_ok: bool = False) -> Iterator[Json]:
    """The items at `path`, page by page; with `missing_ok` none where the API does not know the path.

    Raises:
        RefusedError, CloudflareError: as `Client` does.
    """
    page = 1
    listed = 0
    while True:
        try:
            answer = client.get(path, {"page": page, "per_page": PAGE_SIZE})
        except CloudflareError as error:
            if missing_ok and error.status == 404:
                return
            raise
        items = answer["result"] if "result" in answer else answer.get("data", {}).get("routes")
        if not isinstance(items, list):
            raise CloudflareError(f"Cloudflare answered GET {path} without a list of items")
        yield from items
        listed += len(items)
        total = (answer.get("result_info") or {}).get("total_count")
        if not items or (len(items) < PAGE_SIZE if total is None else listed >= total):
            return
        page += 1


def create_once(
    create: Callable[[], T], find: Callable[[], T | None], is_conflict: Callable[[CloudflareError], bool]
) -> tuple[T, CloudflareError | None]:
    """Create an item, and look for it before the request is repeated.

    An error that leaves open whether the item was created, or one that `is_conflict`, is followed by `find`. Returns
    the item, and that error where the item was found. Raises the error where repeating the request cannot help.
    """
    try:
        return create(), None
    except CloudflareError as error:
        if not error.is_ambiguous and not is_conflict(error):
            raise
        existing = find()
        if existing is not None:
            return existing, error
        if not error.is_ambiguous:
            raise
        return create(), None


class Collection:
    """Items at one path. Raises the errors of `Client`."""

    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._path = path

    def delete(self, item: str) -> None:
        """Delete the item of that id; one that does not exist is fine."""
        try:
            self._client.delete(f"{self._path}/{item}")
        except CloudflareError as error:
            if error.status != 404:
                raise

    def _read(self, item: str) -> Json | None:
        """The API's answer for the item of that id, or None where it does not exist."""
        try:
            answer: Json = self._client.get(f"{self._path}/{item}")["result"]
        except CloudflareError as error:
            if error.status == 404:
                return None
            raise
        return answer
