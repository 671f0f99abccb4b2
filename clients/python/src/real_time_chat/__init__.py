"""Write bots for real-time-chat."""

from real_time_chat.chat import Chat
from real_time_chat.errors import ChatError
from real_time_chat.following import Entry
from real_time_chat.memory import FileMemory, Memory

__all__ = ["Chat", "ChatError", "Entry", "FileMemory", "Memory"]
