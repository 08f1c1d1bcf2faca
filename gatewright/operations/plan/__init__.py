"""The plan of a run: what it would change in one environment. `preview` and `up` show it."""
