import pulumi


def fail(_: int) -> None:
    raise RuntimeError("in an apply")


pulumi.export("never", pulumi.Output.from_input(1).apply(fail))
