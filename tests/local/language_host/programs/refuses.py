import pulumi

raise pulumi.RunError("this cannot be had")
