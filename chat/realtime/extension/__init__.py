"""The Flask extension: `SocketIO`, and the client that its tests use."""
