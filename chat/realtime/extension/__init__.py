"""The Flask extension: `SocketIO`, and the client for an application's tests."""
