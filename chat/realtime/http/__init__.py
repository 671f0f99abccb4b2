"""The syntax of HTTP/1.1, and the limits of plain HTTP connections; nothing here names eventlet."""
