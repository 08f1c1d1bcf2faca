"""What Pulumi creates of an environment. Only these modules register resources."""
