"""Commands that work from the environment files alone: no engine, no network."""
