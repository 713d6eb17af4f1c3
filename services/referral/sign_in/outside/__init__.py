"""Signing in with the organisation's own sign-in: OpenID Connect, authorization code with PKCE.

`settings` says which provider, `fetching` is the only way to it, `provider` knows its addresses and
keys, `tokens` reads what it signs, and `arriving` goes through the steps of one sign-in.
"""
