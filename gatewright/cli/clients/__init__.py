"""Commands that change the clients' own configuration files."""
