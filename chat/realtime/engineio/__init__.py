"""Engine.IO: handshakes, polling, upgrades, heartbeats, limits on sessions."""
