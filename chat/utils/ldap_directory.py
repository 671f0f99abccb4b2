"""Check a username and a password in an LDAP directory, by ldap3."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Any

from ldap3 import BASE, NONE, SUBTREE, SYNC, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.core.results import RESULT_SIZE_LIMIT_EXCEEDED, RESULT_SUCCESS
from ldap3.utils.conv import escape_filter_chars

from chat.utils.configuration.ldap import PLACE, Directory
from chat.utils.outgoing import NoAnswer

SECONDS = 8  # for all questions of one sign-in
ATTRIBUTES = ("uid", "entryuuid", "objectguid", "displayname", "cn", "mail")
LONGEST_NAME = 200  # characters


@dataclass(frozen=True)
class DirectoryEntry:
    """Somebody whose password was right.

    `subject`: what stays when they are renamed, if the directory has that; else where they are.
    `administers`: whether they are in the group of administrators; None where no group is asked
    for, or it cannot be read.
    """

    subject: str
    display_name: str
    address: str
    administers: bool | None


def find(directory: Directory, username: str, password: str) -> DirectoryEntry | None:
    """Return whose username and password it is; None if it is nobody's. Raises NoAnswer.

    An empty password is nobody's: a directory takes it for an anonymous question, and says yes.
    """
    if not password or not username or len(username) > LONGEST_NAME or "\0" in password:
        return None
    try:
        connection = _connection(directory)
    except (LDAPException, OSError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from None
    late = threading.Timer(SECONDS, _hang_up, (connection,))
    late.daemon = True
    late.start()
    try:
        return _entry(connection, directory, username, password)
    except (LDAPException, OSError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from None
    finally:
        late.cancel()
        with contextlib.suppress(LDAPException, OSError):
            connection.unbind()


def _connection(directory: Directory) -> Connection:
    tls = Tls(
        validate=ssl.CERT_REQUIRED,
        ca_certs_file=str(directory.ca_file) if directory.ca_file else None,
    )
    server = Server(
        directory.host,
        directory.port,
        use_ssl=directory.has_tls,
        tls=tls,
        get_info=NONE,
        connect_timeout=SECONDS,
    )
    return Connection(
        server,
        user=directory.bind_dn or None,
        password=directory.bind_password or None,
        client_strategy=SYNC,
        auto_referrals=False,
        receive_timeout=SECONDS,
        read_only=True,
        check_names=False,
    )


def _entry(
    connection: Connection, directory: Directory, username: str, password: str
) -> DirectoryEntry | None:
    connection.open()
    if directory.starts_tls and not connection.start_tls():
        raise NoAnswer("the directory does not begin TLS")
    if not connection.bind():
        raise NoAnswer(f"the directory does not let the chat in: {connection.result}")
    wanted = directory.user_filter.replace(PLACE, escape_filter_chars(username))
    connection.search(
        directory.base, wanted, SUBTREE, attributes=list(ATTRIBUTES), size_limit=2, time_limit=5
    )
    if connection.result["result"] not in (RESULT_SUCCESS, RESULT_SIZE_LIMIT_EXCEEDED):
        raise NoAnswer(f"the directory does not search: {connection.result['description']}")
    found = [each for each in connection.response or [] if each["type"] == "searchResEntry"]
    if len(found) != 1:
        return None
    # First of all, because people may not read groups themselves.
    administers = _administers(connection, directory, found[0])
    if not connection.rebind(user=found[0]["dn"], password=password):
        return None
    return _read(found[0], administers)


def _administers(
    connection: Connection, directory: Directory, found: dict[str, Any]
) -> bool | None:
    """Return whether an entry is in the group of administrators, as any kind of group says it."""
    if not directory.admin_group:
        return None
    dn = escape_filter_chars(found["dn"])
    names = "".join(f"(memberUid={escape_filter_chars(uid)})" for uid in _values(found, "uid"))
    connection.search(
        directory.admin_group,
        f"(|(member={dn})(uniqueMember={dn}){names})",
        BASE,
        attributes=["cn"],
        time_limit=5,
    )
    if connection.result["result"] != RESULT_SUCCESS:
        return None
    return any(each["type"] == "searchResEntry" for each in connection.response or [])


def _read(found: dict[str, Any], administers: bool | None) -> DirectoryEntry:
    def first(name: str) -> bytes:
        return next(iter(_values(found, name)), b"")

    lasting = first("entryuuid") or first("objectguid").hex().encode()
    return DirectoryEntry(
        (lasting or found["dn"].lower().encode()).decode(errors="replace"),
        (first("displayname") or first("cn")).decode(errors="replace"),
        first("mail").decode(errors="replace"),
        administers,
    )


def _values(found: dict[str, Any], name: str) -> list[bytes]:
    """Return the values of an attribute, whose name has small letters here."""
    raw: dict[str, list[bytes]] = found["raw_attributes"]
    return next((values for each, values in raw.items() if each.lower() == name), [])


def _hang_up(connection: Connection) -> None:
    """End a conversation that takes too long."""
    if connection.socket is not None:
        with contextlib.suppress(OSError):
            connection.socket.shutdown(socket.SHUT_RDWR)
