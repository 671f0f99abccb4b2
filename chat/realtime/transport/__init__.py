"""WebSockets: frames, reading, writing to many at once."""
