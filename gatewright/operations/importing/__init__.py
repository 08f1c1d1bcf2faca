"""Import what a user has in a client's own file into an environment file."""
