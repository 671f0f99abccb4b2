"""Socket.IO for many sockets: `SocketIO` takes the place of `flask_socketio.SocketIO`.

The package knows nothing of the application's events. A packet goes down through these packages,
and none of them imports one above it:

extension/      the Flask extension: `SocketIO`, and its client for tests of applications
cluster/        several processes: fan-out and notices through Redis
socketio/       Socket.IO: packets, namespaces, events, acknowledgements, rooms, fan-out
engineio/       Engine.IO: handshakes, polling, upgrades, heartbeats, limits on sessions
protocols/      packets of Engine.IO and Socket.IO, without input or output
transport/      WebSockets: frames, reading together, writing to many at once
loop/           the event loop and the web server: the only package that names eventlet
http/           the syntax of HTTP/1.1, and the limits of plain HTTP connections
addresses.py, counters.py, descriptors.py, rare_log.py      what all of them use
"""

from chat.realtime.cluster.redis_queue import QueueAway
from chat.realtime.extension.socketio import SocketIO

__all__ = ["QueueAway", "SocketIO"]
