"""Changes that others make to an environment between two days of its schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..every_kind import ROWS
from ..test_drift import GATEWAY, make_token, put_token, routes_of

if TYPE_CHECKING:
    from random import Random

    from ..clone import Clone


def change_the_gateway(clone: Clone, random: Random) -> None:
    settings = clone.gateway()
    clone.api("PUT", GATEWAY, json={**settings, "cache_ttl": random.randrange(60, 3600), "collect_logs": False})


def delete_a_route(clone: Clone, random: Random) -> None:
    if routes := routes_of(clone):
        clone.api("DELETE", f"{GATEWAY}/routes/{random.choice(routes)['id']}")


def delete_a_key(clone: Clone, random: Random) -> None:
    if keys := clone.api("GET", f"{GATEWAY}/provider_configs"):
        clone.api("DELETE", f"{GATEWAY}/provider_configs/{random.choice(keys)['id']}")


def disable_a_token(clone: Clone, random: Random) -> None:
    tokens = [token for token in clone.api("GET", "/tokens") if token["name"].startswith("gatewright/local/")]
    if tokens:
        put_token(clone, random.choice(tokens), status="disabled")


def revoke_a_token(clone: Clone, random: Random) -> None:
    tokens = [token for token in clone.api("GET", "/tokens") if token["name"].startswith("gatewright/local/")]
    if tokens:
        clone.api("DELETE", f"/tokens/{random.choice(tokens)['id']}")


def leave_an_orphan(clone: Clone, random: Random) -> None:
    make_token(clone, f"gatewright/local/lost/{random.randrange(1000)}")


def edit_a_file(clone: Clone, random: Random) -> None:
    files = sorted(clone.project.out.glob("local/**/*.json"))
    file = random.choice([file for file in files if not file.name.startswith(".")])
    file.write_text(file.read_text().replace("{", "{ ", 1))


def delete_a_file(clone: Clone, random: Random) -> None:
    files = sorted(clone.project.out.glob("local/**/*.json"))
    random.choice([file for file in files if not file.name.startswith(".")]).unlink()


def lose_an_answer(clone: Clone, random: Random) -> None:
    """The next creation of some kind succeeds, and its answer does not arrive."""
    row = random.choice(ROWS)
    clone.order(method="POST", path=f"/client/v4{row.path}", reset=True, after=True)


TROUBLES = (
    change_the_gateway,
    delete_a_route,
    delete_a_key,
    disable_a_token,
    revoke_a_token,
    leave_an_orphan,
    edit_a_file,
    delete_a_file,
    lose_an_answer,
)
