"""An environment file as a Pulumi program: one caller of the components."""
