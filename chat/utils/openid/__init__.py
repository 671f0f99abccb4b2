"""OpenID Connect, as a client: the code flow with PKCE, state and nonce, by Authlib.

discovery.py        what a provider announces, and its keys
authorization.py    where people are sent, and what their code is exchanged for
id_tokens.py        which ID tokens are valid
"""
