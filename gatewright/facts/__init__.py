"""What is known of Cloudflare, as plain tables with their sources; it imports no other room."""
