"""Ids of the chat itself, which owns keys as rooms and people do.

They are nobody else's, because other ids begin with the time at which they are made.
"""

from __future__ import annotations

from chat.models.document import Id

CHAT_ID = Id("000000000000000000000001")  # the owner of the chat's icon, which is like an avatar
AUDIT_ID = Id("000000000000000000000002")
NAMES_ID = Id("000000000000000000000003")  # of hashes of closed usernames
REPORTS_ID = Id("000000000000000000000004")
PUSH_ID = Id("000000000000000000000005")
ADDRESSES_ID = Id("000000000000000000000006")  # of hashes of e-mail addresses, and of proofs
MAILS_ID = Id("000000000000000000000007")
IDENTITIES_ID = Id("000000000000000000000008")  # of hashes of whom providers of sign-in know
COMMANDS_ID = Id("000000000000000000000009")  # of commands of programs
TITLES_ID = Id("00000000000000000000000a")  # of hashes of words of titles
