"""The data plane: /v1/<account>/<gateway>/…, from the client's request to the response of an echo model.

`pipeline` has the steps: gateway, credentials, rate limit, cache, provider with retries, cache again.
"""
