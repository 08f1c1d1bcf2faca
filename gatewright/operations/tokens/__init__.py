"""The deploying token, the tokens of an environment, and the variables that hold secrets."""
