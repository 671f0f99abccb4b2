"""Rate limits, as an operator can set them: one variable for each limit, like `600 per minute`.

controllers/budgets.py charges them.
"""

from __future__ import annotations

import re

from chat.utils.configuration.variables import ConfigurationError, Variables

BEGINNING = "LIMIT_"
AMOUNT = re.compile(
    r"([1-9]\d{0,14}) per (?:[1-9]\d{0,4} )?(?:second|minute|hour|day)s?\Z", re.ASCII
)

# Each limit's name, amount and time. The variable of "log in from" is LIMIT_LOG_IN_FROM.
DEFAULTS = {
    # Limits of a network
    "register": "60 per hour",  # the people of an office share one network
    "log in from": "600 per minute",  # a known device has a budget of its own
    # sign-ins by unknown devices, including successful ones
    "sign-ins of a network": "120 per minute",
    "wrong passwords of a network": "30 per minute",
    "wrong passwords of a network for a name": "10 per minute",
    "refresh": "600 per minute",
    "forget passwords": "30 per hour",
    # Limits of a username
    "wrong passwords of strangers for a name": "60 per minute",  # from all networks together
    "wrong passwords of a device for a name": "10 per minute",
    # Codes of the second factor, right ones too: of a million, three are right at a time
    "codes of strangers for a name": "30 per hour",
    "codes of a device for a name": "30 per hour",
    # Limit of a session, so that the thief of a session can only guess slowly
    "change password": "10 per minute",
    # Limit of an e-mail address, of each kind of mail that somebody may cause
    "mails to an address": "10 per day",
    # Limit of everybody together
    "mail invites of the chat": "500 per day",  # addresses
    # Limits of a person
    "send": "1000 per minute",  # far above anybody's typing
    "write": "600 per minute",
    "search": "120 per minute",  # a page of results costs as much as many pages of messages
    "make invites": "60 per day",
    "make bots": "20 per day",
    "mail invites": "50 per day",  # addresses
    "change email": "20 per day",
    "test push": "30 per hour",
    "try webhooks": "60 per hour",  # each is a request to another server
    "run commands": "60 per minute",  # of programs: each is a request to another server
    "export": "10 per day",  # each reads a whole room, or all of a person's
    "report": "30 per day",  # each has a copy of a message
    "profile": "120 per hour",  # each change compares a name with the names of others
    "change display name": "10 per day",  # each is told in up to fifty rooms
    # Limit of an incoming webhook
    "incoming webhook": "60 per minute",
    # Limit of a room: messages of bots that follow another bot's within seconds, as in a loop
    "bot answers": "30 per 10 minutes",
    # Limits of a person towards strangers, with whom they share no room
    "meet strangers": "20 per day",
    "add members": "300 per day",
    "open direct rooms": "100 per day",
    "meet strangers as administrator": "200 per day",
    "add members as administrator": "3000 per day",
    "open direct rooms as administrator": "1000 per day",
    # Limits of a person, in bytes. A page of fifty messages has some 50 kB. Pictures are created
    # once, and later only read.
    "bytes answered": "120000000 per minute",
    "picture bytes": "600000000 per minute",
    # Limits in microseconds of CPU time that requests and events use on their process's loop: of a
    # person, of all signed-in people of a network (times WORKERS), and of a network's requests
    # without a session.
    "a person's time": "15000000 per minute",
    "a network's time": "48000000 per minute",
    "strangers' time": "10000000 per minute",
}


def variable_of(name: str) -> str:
    """Return the name of the variable that sets a limit."""
    return BEGINNING + name.replace("'", "").replace("-", " ").replace(" ", "_").upper()


def read(variables: Variables) -> dict[str, str]:
    """Return every limit by its name. Raises ConfigurationError."""
    limits = {}
    for name, default in DEFAULTS.items():
        limits[name] = variables.text(variable_of(name), default)
        if not AMOUNT.match(limits[name]):
            raise ConfigurationError(
                f"{variable_of(name)}: it must be an amount and a time, such as {default}."
            )
    known = {variable_of(name) for name in DEFAULTS}
    for variable in sorted(variables.of_file.keys() - known):
        if variable.startswith(BEGINNING):
            raise ConfigurationError(
                f"{variable}: there is no such limit; .env.example lists them all."
            )
    return limits
