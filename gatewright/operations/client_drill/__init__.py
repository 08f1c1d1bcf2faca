"""verify --fire-drill --with-clients: the clients' own programs, while each of their first choices fails in turn."""
