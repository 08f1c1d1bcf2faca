"""report: environments as pages that need no network."""
