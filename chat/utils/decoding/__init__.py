"""Process pictures in a process of their own: check, decode, clean, write.

Only picture_worker.py loads this package, which knows nothing else of the chat.
"""
