"""Web Push: seal a message for one browser, and send it to the browser's push service.

encryption.py  sealing a message as RFC 8291 says, and the chat's signature (VAPID, RFC 8292)
sender.py      the program that does all of this, as the chat's process sees it
worker.py      that program, which sends as utils/outward/ does
"""
