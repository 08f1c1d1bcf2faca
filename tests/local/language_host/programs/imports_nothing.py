import absent_module  # type: ignore[import-not-found]  # noqa: F401
