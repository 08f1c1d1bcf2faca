-- State of the local Cloudflare. A file of another version is refused; `gatewright local reset` deletes it.
-- Run at each start, so that new tables are created in an older file of the same version.
PRAGMA user_version = 1;

CREATE TABLE IF NOT EXISTS accounts (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    admin_id    TEXT NOT NULL,             -- id of the account's all-permission token, which is not listed
    admin_hash  TEXT NOT NULL UNIQUE       -- SHA-256 of its value
) STRICT;

CREATE TABLE IF NOT EXISTS gateways (
    account     TEXT NOT NULL REFERENCES accounts (id),
    id          TEXT NOT NULL,
    internal_id TEXT NOT NULL,
    settings    TEXT NOT NULL,             -- JSON, as Cloudflare names the fields
    is_default  INTEGER NOT NULL,
    created_at  TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

CREATE TABLE IF NOT EXISTS routes (
    id          TEXT PRIMARY KEY,
    account     TEXT NOT NULL,
    gateway     TEXT NOT NULL,
    name        TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    reads       INTEGER NOT NULL DEFAULT 0, -- every other read leaves the graph out, as Cloudflare often does
    UNIQUE (account, gateway, name),
    FOREIGN KEY (account, gateway) REFERENCES gateways (account, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE IF NOT EXISTS route_versions (
    id         TEXT PRIMARY KEY,
    route      TEXT NOT NULL REFERENCES routes (id) ON DELETE CASCADE,
    elements   TEXT NOT NULL,              -- JSON list
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS route_deployments ( -- the newest of a route is active
    id         TEXT PRIMARY KEY,
    route      TEXT NOT NULL REFERENCES routes (id) ON DELETE CASCADE,
    version    TEXT NOT NULL REFERENCES route_versions (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS custom_providers (
    id          TEXT PRIMARY KEY,
    account     TEXT NOT NULL REFERENCES accounts (id),
    slug        TEXT NOT NULL,
    settings    TEXT NOT NULL,             -- JSON, as Cloudflare names the fields
    created_at  TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    UNIQUE (account, slug)
) STRICT;

CREATE TABLE IF NOT EXISTS secret_stores (
    id       TEXT PRIMARY KEY,
    account  TEXT NOT NULL REFERENCES accounts (id),
    name     TEXT NOT NULL,
    created  TEXT NOT NULL,
    modified TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS secrets (
    id         TEXT PRIMARY KEY,
    store      TEXT NOT NULL REFERENCES secret_stores (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,              -- in clear, for the providers; this file is 0600, and no response or log contains it
    scopes     TEXT NOT NULL,              -- JSON list, sorted
    comment    TEXT,
    created    TEXT NOT NULL,
    modified   TEXT NOT NULL,
    active_at  REAL NOT NULL,              -- seconds since 1970; pending until then
    UNIQUE (store, name)
) STRICT;

CREATE TABLE IF NOT EXISTS provider_configs (
    id                TEXT PRIMARY KEY,
    account           TEXT NOT NULL,
    gateway           TEXT NOT NULL,
    slug              TEXT NOT NULL,
    alias             TEXT NOT NULL,
    default_config    INTEGER NOT NULL,
    secret            TEXT NOT NULL,       -- id; the secret may have been deleted
    rate_limit        REAL,
    rate_limit_period REAL NOT NULL,       -- seconds
    modified_at       TEXT NOT NULL,
    UNIQUE (account, gateway, slug, alias),
    FOREIGN KEY (account, gateway) REFERENCES gateways (account, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE IF NOT EXISTS zones (                       -- one in each account
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL UNIQUE REFERENCES accounts (id),
    name       TEXT NOT NULL,
    created_on TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS dns_records (
    id          TEXT PRIMARY KEY,
    zone        TEXT NOT NULL REFERENCES zones (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,             -- with the zone's name
    type        TEXT NOT NULL,
    settings    TEXT NOT NULL,             -- JSON, as Cloudflare names the fields
    created_on  TEXT NOT NULL,
    modified_on TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS custom_domains (
    hostname    TEXT NOT NULL,
    account     TEXT NOT NULL,
    gateway     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,          -- milliseconds since 1970
    PRIMARY KEY (account, hostname),
    FOREIGN KEY (account, gateway) REFERENCES gateways (account, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE IF NOT EXISTS access_service_tokens (
    id          TEXT PRIMARY KEY,
    account     TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    client_id   TEXT NOT NULL UNIQUE,
    secret_hash TEXT NOT NULL,             -- SHA-256 of the Client Secret, which is not stored
    name        TEXT NOT NULL,
    duration    TEXT NOT NULL,             -- 8760h, from the creation on
    enabled     INTEGER NOT NULL,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS access_policies (
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    settings   TEXT NOT NULL,              -- JSON, as Cloudflare names the fields
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS access_apps (
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    aud        TEXT NOT NULL,
    settings   TEXT NOT NULL,              -- JSON, as Cloudflare names the fields
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS gateway_policies (
    id          TEXT PRIMARY KEY,
    account     TEXT NOT NULL,
    gateway     TEXT NOT NULL,
    live        TEXT,                      -- JSON; NULL before the first commit
    draft       TEXT,                      -- JSON; NULL without a change that is not committed
    created_at  INTEGER NOT NULL,          -- seconds since 1970
    updated_at  INTEGER NOT NULL,
    FOREIGN KEY (account, gateway) REFERENCES gateways (account, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE IF NOT EXISTS tokens (
    id           TEXT PRIMARY KEY,
    owner        TEXT NOT NULL,            -- account id, or the user's
    name         TEXT NOT NULL,
    hash         TEXT NOT NULL UNIQUE,     -- SHA-256 of the value, which is not stored
    disabled     INTEGER NOT NULL,
    policies     TEXT NOT NULL,            -- JSON list
    condition    TEXT,                     -- JSON object
    not_before   TEXT,
    expires_on   TEXT,
    issued_on    TEXT NOT NULL,
    modified_on  TEXT NOT NULL,
    last_used_on TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS responses (                   -- the cache of the gateways
    account    TEXT NOT NULL,
    gateway    TEXT NOT NULL,
    key        TEXT NOT NULL,
    expires_at REAL NOT NULL,
    headers    TEXT NOT NULL,              -- JSON object
    body       BLOB NOT NULL,
    PRIMARY KEY (account, gateway, key)
) STRICT;

CREATE TABLE IF NOT EXISTS counters (                    -- counts of limits, per window
    key          TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    amount       REAL NOT NULL,
    PRIMARY KEY (key, window_start)
) STRICT;

CREATE TABLE IF NOT EXISTS credits (                     -- for Unified Billing
    account TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    usd     REAL NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS inference_log (               -- the gateways' own logs, as the API shows them
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,         -- the cf-aig-log-id of the response
    account  TEXT NOT NULL,
    gateway  TEXT NOT NULL,
    entry    TEXT NOT NULL,                -- JSON object, as Cloudflare names the fields
    request  BLOB,                         -- request and response, where payloads are collected
    response BLOB,
    FOREIGN KEY (account, gateway) REFERENCES gateways (account, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX IF NOT EXISTS inference_log_of_a_gateway ON inference_log (account, gateway, number);

CREATE TABLE IF NOT EXISTS inference_log_sizes (         -- kept by triggers, since counting 100,000 rows takes 7 ms
    account TEXT NOT NULL,
    gateway TEXT NOT NULL,
    entries INTEGER NOT NULL,
    PRIMARY KEY (account, gateway)
) STRICT;

CREATE TRIGGER IF NOT EXISTS inference_log_grows AFTER INSERT ON inference_log BEGIN
    INSERT INTO inference_log_sizes VALUES (new.account, new.gateway, 1)
        ON CONFLICT (account, gateway) DO UPDATE SET entries = entries + 1;
END;

CREATE TRIGGER IF NOT EXISTS inference_log_shrinks AFTER DELETE ON inference_log BEGIN
    UPDATE inference_log_sizes SET entries = entries - 1 WHERE account = old.account AND gateway = old.gateway;
END;

CREATE TABLE IF NOT EXISTS log (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      TEXT NOT NULL,
    method  TEXT NOT NULL,
    path    TEXT NOT NULL,
    status  INTEGER NOT NULL,
    details TEXT NOT NULL                  -- JSON object: token, ms, and for inference gateway, provider, model, …
) STRICT;
