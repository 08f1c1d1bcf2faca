"""The SHA-256 digests of the official archives of Pulumi's engine, by version and platform.

Source: the publisher's Homebrew formula, github.com/pulumi/homebrew-tap, Formula/pulumi.rb at commit 51fb494f9549. It
names the archives below RELEASES and their digests. A new MINIMUM_ENGINE needs its entry here.
"""

from __future__ import annotations

RELEASES = "https://github.com/pulumi/pulumi/releases/download"

DIGESTS = {
    "3.259.0": {
        "darwin-x64": "eaca4c3b8277bfa3ab061fa3b270d1c66358a0b2e613da8c5587a04b7226c534",
        "darwin-arm64": "57c27f179e527e2cf9f62b841a448af72a020e44b2fb4ee0d9bd85556c00c864",
        "linux-x64": "94ba357acac23d01474084c4b00098dc0f7bc70ce13f34c777459254a5f718e5",
        "linux-arm64": "edc8327463a72160bb36cf82cf5062da9c8a244290a706d9980988e7bf486853",
    }
}
