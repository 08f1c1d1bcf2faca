"""The Pulumi plugin `gatewright`: what upstream's plugin has no resource for."""
