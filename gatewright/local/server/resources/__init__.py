"""The resources of the control plane: one module with its endpoints for each."""
