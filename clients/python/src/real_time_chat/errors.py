"""What a chat refuses."""

from __future__ import annotations

from typing import Any


class ChatError(Exception):
    """A request that the chat refused. `code` is one of docs/api.md; `fields` names wrong ones."""

    def __init__(self, status: int, error: dict[str, Any]):
        super().__init__(error.get("message", f"status {status}"))
        self.status = status
        self.code: str = error.get("code", "")
        self.message: str = error.get("message", "")
        self.fields: dict[str, Any] = error.get("fields", {})
