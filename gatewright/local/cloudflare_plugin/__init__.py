"""A stand-in for `pulumi-resource-cloudflare`, for the few resources used here and for this machine only.

Where the official plugin cannot be had, it lets Pulumi's engine speak to the local Cloudflare. It plans, compares and
writes state as the official plugin does (terraform-provider-cloudflare under pulumi-terraform-bridge), so that a state
written by one is read by the other; it refuses every address that is not loopback.
"""
