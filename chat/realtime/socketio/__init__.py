"""Socket.IO: packets, namespaces, events, acknowledgements, rooms and fan-out."""
