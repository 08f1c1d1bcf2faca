"""A year of an environment: what a user's schedule runs, what others change, and what it leaves behind."""
