"""What replaces Cloudflare and Pulumi's plugins on this machine."""
