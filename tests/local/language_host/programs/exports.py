import pulumi

config = pulumi.Config()
pulumi.warn("careful")
pulumi.export("stack", f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}")
pulumi.export("colour", config.require("colour"))
pulumi.export("secret", config.require_secret("secret"))
