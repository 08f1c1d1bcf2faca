"""A stand-in for `pulumi-resource-cloudflare`, for the resources used here and for this machine only.

Where the official plugin cannot be downloaded, it connects Pulumi's engine to the local Cloudflare. It plans, compares
and writes state as the official plugin does (terraform-provider-cloudflare under pulumi-terraform-bridge), so either
reads the other's state. It refuses every address that is not loopback.
"""
