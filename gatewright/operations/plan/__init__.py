"""What a run would change in one environment: one list, shown by `preview` and `up`, and done by `up`."""
