"""One Pulumi stack: open it, check it, run the engine on it, and explain its failures."""
