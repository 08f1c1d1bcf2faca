"""Cloudflare's permission groups that matter here: names, ids, scopes.

The ids are the same in all accounts. They come from answers of GET …/tokens/permission_groups that others recorded in
public repositories: observed, not guaranteed. A name that is not listed here is looked up by a call. Names end in Read,
Write or Run: "Edit" is the dashboard's word for Write.
"""

from __future__ import annotations

import difflib
from enum import StrEnum

from gatewright.frozen import frozen


class Scope(StrEnum):
    """The kind of resource that a permission group is for, and the first part of a key in a policy's `resources`."""

    ACCOUNT = "com.cloudflare.api.account"
    ZONE = "com.cloudflare.api.account.zone"
    USER = "com.cloudflare.api.user"


@frozen
class Group:
    """One permission group; `id` is 32 hex digits, or None where nobody has published it."""

    name: str
    id: str | None
    scope: Scope = Scope.ACCOUNT


AI_GATEWAY_READ = Group("AI Gateway Read", "4dc8917b4b40457d88d3035d5dadb054")
AI_GATEWAY_WRITE = Group("AI Gateway Write", "6c8a3737f07f46369c1ea1f22138daaf")
AI_GATEWAY_METADATA_READ = Group("AI Gateway Metadata Read", None)
AI_GATEWAY_RUN = Group("AI Gateway Run", "644535f4ed854494a59cb289d634b257")
WORKERS_AI_READ = Group("Workers AI Read", "a92d2450e05d4e7bb7d0a64968f83d11")
WORKERS_AI_WRITE = Group("Workers AI Write", "bacc64e0f6c34fc0883a1223f938a104")
SECRETS_STORE_READ = Group("Secrets Store Read", "5e33b7d77788455c9fdf18cbd38ee5a0")
SECRETS_STORE_WRITE = Group("Secrets Store Write", "adc8fa2bc6124928a8b3314dc63a1235")
ACCOUNT_TOKENS_READ = Group("Account API Tokens Read", "eb56a6953c034b9d97dd838155666f06")
ACCOUNT_TOKENS_WRITE = Group("Account API Tokens Write", "5bc3f8b21c554832afc660159ab75fa4")
ACCOUNT_ANALYTICS_READ = Group("Account Analytics Read", "b89a480218d04ceb98b4fe57ca29dc1f")
ZONE_READ = Group("Zone Read", "c8fed203ed3043cba015a93ad1616f1f", Scope.ZONE)
DNS_READ = Group("DNS Read", "82e64a83756745bbbb1c9c2701bf816b", Scope.ZONE)
DNS_WRITE = Group("DNS Write", "4755a26eedb94da69e1066d98aa820be", Scope.ZONE)
ACCESS_APPS_READ = Group("Access: Apps and Policies Read", "7ea222f6d5064cfa89ea366d7c1fee89")
ACCESS_APPS_WRITE = Group("Access: Apps and Policies Write", "1e13c5124ca64b72b1969a67e8829049")
ACCESS_TOKENS_READ = Group("Access: Service Tokens Read", "91f7ce32fa614d73b7e1fc8f0e78582b")
ACCESS_TOKENS_WRITE = Group("Access: Service Tokens Write", "a1c0fec57cf94af79479a6d827fa518c")
USER_TOKENS_READ = Group("API Tokens Read", "0cc3a61731504c89b99ec1be78b77aa0", Scope.USER)
USER_TOKENS_WRITE = Group("API Tokens Write", "686d18d5ac6c441c867cbf6771e58a0a", Scope.USER)

GROUPS: tuple[Group, ...] = (
    AI_GATEWAY_READ,
    AI_GATEWAY_WRITE,
    AI_GATEWAY_RUN,
    AI_GATEWAY_METADATA_READ,
    WORKERS_AI_READ,
    WORKERS_AI_WRITE,
    Group("Workers AI Metadata Read", None),
    SECRETS_STORE_READ,
    SECRETS_STORE_WRITE,
    ACCOUNT_TOKENS_READ,
    ACCOUNT_TOKENS_WRITE,
    ACCOUNT_ANALYTICS_READ,
    Group("Account Settings Read", "c1fde68c7bcc44588cbb6ddbc16d6480"),
    Group("Account Settings Write", "1af1fa2adc104452b74a9a3364202f20"),
    Group("Billing Read", "7cf72faf220841aabcfdfab81c43c4f6"),
    ZONE_READ,
    DNS_READ,
    DNS_WRITE,
    ACCESS_APPS_READ,
    ACCESS_APPS_WRITE,
    ACCESS_TOKENS_READ,
    ACCESS_TOKENS_WRITE,
    USER_TOKENS_READ,
    USER_TOKENS_WRITE,
)

_BY_NAME = {group.name.casefold(): group for group in GROUPS}


def find(name: str) -> Group | None:
    """The group of that name, ignoring case, or None."""
    return _BY_NAME.get(" ".join(name.split()).casefold())


def nearest(name: str) -> str | None:
    """The group's name that is closest to `name`, which may also say "AI Gateway Edit"; None where nothing is close."""
    words = " ".join("Write" if word.casefold() == "edit" else word for word in name.replace(":", " ").split())
    close = difflib.get_close_matches(words.casefold(), _BY_NAME, n=1, cutoff=0.6)
    return _BY_NAME[close[0]].name if close else None
