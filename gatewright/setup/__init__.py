"""Set-up of the virtual environment. Runs under the user's own Python: standard library only."""
