"""A table as a collection of the API: how its objects are found, inserted, changed, listed and deleted.

A resource declares its collection once; the handlers that all resources share (`get`, `delete`) are methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gatewright.facts.permissions import Group
from gatewright.frozen import frozen
from gatewright.local.server.core import clock
from gatewright.local.server.core.endpoints import Call, Endpoint, Handler
from gatewright.local.server.core.envelope import ApiError, Json, Result
from gatewright.local.server.core.store import Row, Store

# ruff: noqa: S608  table and column names come from the declarations of the resources, never from a request


@frozen
class Collection:
    """The objects at `path`. The path `<path>/{parameter}` names one of them by its column `key`.

    read, write: the permission groups of the endpoints, of which the caller needs any one.
    scope: columns whose values come from parameters of the path.
    show: a row as the API returns it.
    not_found: the error for an object that does not exist.
    parent: raises ApiError where the object that holds the collection does not exist.
    timestamps: columns that an insert sets to the current time, and an update the last of them.
    """

    path: str
    parameter: str
    table: str
    read: tuple[Group, ...]
    write: tuple[Group, ...]
    scope: Mapping[str, Callable[[Call], str]]
    show: Callable[[Store, Row], Json]
    not_found: Callable[[], ApiError]
    key: str = "id"
    order: str = "rowid"
    largest_page: int = 100
    timestamps: tuple[str, ...] = ("created_at", "modified_at")
    parent: Callable[[Call], object] = lambda _: None

    @property
    def item(self) -> str:
        """The path of one object."""
        return f"{self.path}/{{{self.parameter}}}"

    def find(self, store: Store, /, **columns: object) -> Row | None:
        """The row with these column values, or None."""
        where = " AND ".join(f"{name} = ?" for name in columns)
        return store.find(f"SELECT rowid, * FROM {self.table} WHERE {where}", *columns.values())

    def existing(self, call: Call, identifier: str | None = None) -> Row:
        """The row that the path (or `identifier`) names. Raises ApiError where there is none."""
        self.parent(call)
        named = call.path[self.parameter] if identifier is None else identifier
        row = self.find(call.store, **self._scope(call), **{self.key: named})
        if row is None:
            raise self.not_found()
        return row

    def rows(self, call: Call) -> list[Row]:
        """All rows, in the collection's order."""
        self.parent(call)
        scope = self._scope(call)
        where = " AND ".join(f"{name} = ?" for name in scope)
        return call.store.all(f"SELECT rowid, * FROM {self.table} WHERE {where} ORDER BY {self.order}", *scope.values())

    def shown(self, call: Call) -> list[Json]:
        """All objects as the API returns them, in the collection's order."""
        return [self.show(call.store, row) for row in self.rows(call)]

    def page(self, call: Call, objects: list[Json]) -> Result:
        """The page of `objects` that the query asks for."""
        return Result(call.page(objects, largest=self.largest_page))

    def insert(self, store: Store, /, **columns: object) -> Row:
        """Insert a row and return it."""
        columns |= dict.fromkeys(self.timestamps, clock.timestamp())
        marks = ", ".join("?" * len(columns))
        store.execute(f"INSERT INTO {self.table} ({', '.join(columns)}) VALUES ({marks})", *columns.values())
        return store.one(f"SELECT rowid, * FROM {self.table} WHERE rowid = last_insert_rowid()")

    def add(self, call: Call, /, **columns: object) -> Json:
        """Insert a row into the scope of the call and return it as the API does."""
        return self.show(call.store, self.insert(call.store, **self._scope(call), **columns))

    def update(self, store: Store, row: Row, /, **columns: object) -> Row:
        """Change columns of a row and return it."""
        columns |= dict.fromkeys(self.timestamps[-1:], clock.timestamp())
        changes = ", ".join(f"{name} = ?" for name in columns)
        store.execute(f"UPDATE {self.table} SET {changes} WHERE rowid = ?", *columns.values(), row["rowid"])
        return store.one(f"SELECT rowid, * FROM {self.table} WHERE rowid = ?", row["rowid"])

    def remove(self, store: Store, row: Row) -> None:
        """Delete a row."""
        store.execute(f"DELETE FROM {self.table} WHERE rowid = ?", row["rowid"])

    def list_all(self, call: Call) -> Result:
        """List the objects, the oldest first."""
        return self.page(call, self.shown(call))

    def get(self, call: Call) -> Result:
        """Return the object."""
        return Result(self.show(call.store, self.existing(call)))

    def delete(self, call: Call) -> Result:
        """Delete the object and return it."""
        row = self.existing(call)
        shown = self.show(call.store, row)
        self.remove(call.store, row)
        return Result(shown)

    def endpoints(
        self,
        *,
        create: Handler,
        list_: Handler | None = None,
        get: Handler | None = None,
        replace: Handler | None = None,
        patch: Handler | None = None,
        delete: Handler | None = None,
    ) -> tuple[Endpoint, ...]:
        """The endpoints of the collection: `replace` is PUT; list, get and delete default to the methods here."""
        handlers = [
            ("POST", self.path, self.write, create),
            ("GET", self.path, self.read, list_ or self.list_all),
            ("GET", self.item, self.read, get or self.get),
            ("PUT", self.item, self.write, replace),
            ("PATCH", self.item, self.write, patch),
            ("DELETE", self.item, self.write, delete or self.delete),
        ]
        return tuple(Endpoint(method, path, groups, handle) for method, path, groups, handle in handlers if handle)

    def _scope(self, call: Call) -> dict[str, str]:
        return {column: value(call) for column, value in self.scope.items()}


def in_path(parameter: str) -> Callable[[Call], str]:
    """The value of a parameter of the path."""
    return lambda call: call.path[parameter]


IN_ACCOUNT = {"account": in_path("account")}
IN_GATEWAY = {**IN_ACCOUNT, "gateway": in_path("gateway")}
