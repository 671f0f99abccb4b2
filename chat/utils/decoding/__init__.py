"""What becomes of a picture in its own process: judged, decoded, cleaned, written.

picture_worker.py alone loads it. Nothing here knows anything else of the chat.
"""
