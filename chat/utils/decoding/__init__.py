"""Picture processing in its own process: judge, decode, clean, write.

Only picture_worker.py loads it. It knows nothing else of the chat.
"""
