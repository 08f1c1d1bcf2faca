"""Policies: rules of an organisation on environments, as CEL expressions in policies.yaml."""
