"""A record of a zone, as upstream's `DnsRecord` has it, for the CNAME of a custom domain.

Facts of pulumi_cloudflare 6.23.1, and of the observed behaviour of its plugin of July 2026.
"""

from __future__ import annotations

from gatewright.facts.schema import Field, Kind, ResourceType

NUMBERS = (
    *("algorithm", "altitude", "digestType", "keyTag", "latDegrees", "latMinutes", "latSeconds", "longDegrees"),
    *("longMinutes", "longSeconds", "matchingType", "order", "port", "precisionHorz", "precisionVert", "preference"),
    *("priority", "protocol", "selector", "size", "type", "usage", "weight"),
)
TEXTS = (
    *("certificate", "digest", "fingerprint", "latDirection", "longDirection", "publicKey", "regex", "replacement"),
    *("service", "tag", "target", "value"),
)
SETTINGS = ("flattenCname", "ipv4Only", "ipv6Only")
TIMES = ("commentModifiedOn", "createdOn", "modifiedOn", "tagsModifiedOn")

DNS_RECORD = ResourceType(
    token="cloudflare:index/dnsRecord:DnsRecord",  # noqa: S106 - a type token
    collection="/zones/{zoneId}/dns_records",
    permission="DNS",
    schema_version=500,
    fields=(
        Field(name="id", computed=True, settable=False, kept=True),
        Field(name="zoneId", required=True, replace=True, in_path=True),
        Field(name="name", required=True),
        Field(name="ttl", kind=Kind.NUMBER, required=True, minimum=1, maximum=86_400),
        Field(name="type", required=True),
        Field(name="comment"),
        Field(name="content"),
        Field(  # for record types without content
            name="data",
            kind=Kind.OBJECT,
            fields=(
                *(Field(name=name, kind=Kind.NUMBER) for name in NUMBERS),
                *(Field(name=name) for name in TEXTS),
                Field(name="flags", kind=Kind.ANY),
            ),
        ),
        Field(name="includeShadowMetadata", kind=Kind.BOOL),
        Field(name="priority", kind=Kind.NUMBER, minimum=0, maximum=65_535),
        Field(name="privateRouting", kind=Kind.BOOL),
        Field(name="proxied", kind=Kind.BOOL, computed=True, default=False),
        Field(
            name="settings",
            kind=Kind.OBJECT,
            fields=tuple(Field(name=name, kind=Kind.BOOL, computed=True) for name in SETTINGS),
            computed=True,
        ),
        Field(name="tags", kind=Kind.LIST, element=Field(), computed=True),
        *(Field(name=name, kind=Kind.TIME, computed=True, settable=False) for name in TIMES),
        Field(name="meta", kind=Kind.JSON, computed=True, settable=False),
        Field(name="proxiable", kind=Kind.BOOL, computed=True, settable=False),
    ),
)
