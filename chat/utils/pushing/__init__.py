"""Web Push: seal a message for one browser, and send it to the browser's push service.

encryption.py  sealing a message as RFC 8291 says, and the chat's signature (VAPID, RFC 8292)
addresses.py   the only addresses that may be connected to
requests.py    one request to a push service, with an end
sender.py      the program that does all of this, as the chat's process sees it
worker.py      that program

The chat's process imports `encryption` and `sender` alone. Everything else runs in the program.
"""
