"""The documents as a site: `make site` builds it in .gatewright/site from docs, README.md and what the code knows."""
