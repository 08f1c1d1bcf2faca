"""Facts about Cloudflare and the engine, as plain tables with their sources. Imports no other room."""
