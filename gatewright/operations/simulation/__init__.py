"""simulate: a discrete-event simulation of an environment's routes and roles under limits and failures."""
