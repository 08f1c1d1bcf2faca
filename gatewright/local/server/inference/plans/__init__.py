"""What a request calls: one provider, a list of providers, or a dynamic route."""
