"""The settings that name networks of addresses."""

from __future__ import annotations

import ipaddress

from chat.utils.configuration.variables import ConfigurationError, Variables


def read(variables: Variables, name: str) -> tuple[str, ...]:
    """Return the networks of a variable, like `10.0.0.0/8,fd00::/8`. Raises ConfigurationError."""
    given = tuple(each.strip() for each in variables.text(name).split(",") if each.strip())
    try:
        return tuple(str(ipaddress.ip_network(each)) for each in given)
    except ValueError as error:
        raise ConfigurationError(
            f"{name}: networks are needed, like 10.0.0.0/8,fd00::/8."
        ) from error
