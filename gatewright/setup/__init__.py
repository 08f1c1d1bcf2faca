"""Setup of the virtual environment. It runs under the user's own Python, with the standard library only."""
