"""What an environment used, by Cloudflare's analytics and logs, and how much of its limits is left."""
