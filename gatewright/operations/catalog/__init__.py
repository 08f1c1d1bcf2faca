"""Compare the declared models with what others know of them: retirements, prices, context."""
