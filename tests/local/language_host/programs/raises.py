def fail() -> None:
    raise ValueError("bad thing\nsecond line")


fail()
