"""Several processes: fan-out and notices through Redis."""
