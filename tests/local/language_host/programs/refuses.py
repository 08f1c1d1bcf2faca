import pulumi

raise pulumi.RunError("this is not available")
