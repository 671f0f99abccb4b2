"""Outgoing webhooks: what reaches other servers."""
