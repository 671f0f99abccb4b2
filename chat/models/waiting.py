"""Count what waits to leave the chat: mails, push messages, deliveries to webhooks."""

from __future__ import annotations

from chat.models.database import database
from chat.models.push_delivery import BEGINNING, NEVER

MOST = 10_000  # counting more would take long


def mails() -> int:
    return database["mails"].estimated_document_count()


def pushes() -> int:
    query = {"due_at": {"$gte": BEGINNING, "$lt": NEVER}}
    return database["push_deliveries"].count_documents(query, limit=MOST)


def failing_webhooks() -> int:
    """Return how many outgoing webhooks wait for another try."""
    query = {"failing_since": {"$ne": None}, "off_why": None}
    return database["outgoing_webhooks"].count_documents(query, limit=MOST)
