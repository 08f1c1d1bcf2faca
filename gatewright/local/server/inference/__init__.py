"""The data plane: /v1/<account>/<gateway>/…, from the request of a client to the answer of an echo model.

`pipeline` is the walk: gateway, credentials, rate limit, cache, upstream with retries, cache again.
"""
