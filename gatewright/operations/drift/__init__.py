"""What is no longer as the last up left it: at Cloudflare, and on this machine."""
