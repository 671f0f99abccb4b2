"""What a command answers to its author alone. It is sent, and stored nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from chat.models.document import Id, new_id
from chat.utils import markup
from chat.utils.clock import now


@dataclass(frozen=True)
class CommandAnswer:
    """`body`: Markdown of docs/text.md. `app`: the program that answers; empty: the chat."""

    room_id: str
    body: str
    app: str = ""
    id: Id = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)

    @property
    def html(self) -> str:
        return markup.render(self.body).html
