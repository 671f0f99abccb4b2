"""The packets of Engine.IO and Socket.IO, without input or output."""
