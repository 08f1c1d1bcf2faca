"""The providers behind the gateway: an echo model that speaks their formats."""
