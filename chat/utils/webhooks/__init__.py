"""Outgoing webhooks: sign a request as Standard Webhooks says, and send it to its receiver.

signing.py  the headers that say who sends, and what
sender.py   the program that signs and sends, as the chat's process sees it
worker.py   that program, which sends as utils/outward/ does
"""
