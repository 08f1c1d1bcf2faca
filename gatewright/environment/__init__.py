"""read -> merge -> check -> Environment: plain, frozen, typed data; no Pulumi, no Cloudflare, no I/O but reading
YAML.
"""
