"""Parts that every endpoint uses: store, clock, authentication, dispatch, envelopes, faults and the request log."""
