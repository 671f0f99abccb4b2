"""Single sign-on: sign in by a provider of OpenID Connect, or by an LDAP directory.

flows.py            to the provider and back, bound to one browser
vouched.py          whom the provider vouches for
arrivals.py         what happens then: enter, connect, ask for consent, or create an account
by_password.py      with a password, of the chat or of the directory
newcomers.py        create an account
administrators.py   who administers, by a claim
connections.py      a person's own identities: connect, disconnect
"""
