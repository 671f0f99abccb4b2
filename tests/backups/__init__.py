"""Tests of backups: chats with a database of their own, and `bin/chat` in another process."""
