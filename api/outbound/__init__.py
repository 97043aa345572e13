"""The one way out: every request that the hub makes by itself over HTTP goes through `sending.send`.

`guard` is pure and says which addresses may be reached; nothing else in the house opens a connection to a host that
somebody typed.
"""
