"""Reads, merges and checks environment files; the result is an `Environment`: plain, frozen, typed data.

No Pulumi, no Cloudflare, and no I/O except reading YAML.
"""
