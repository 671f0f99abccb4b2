"""The actions of the audit: short words, which stay as they are, because programs know them."""

from __future__ import annotations

BOT_MADE = "bot.made"
BOT_OWNER = "bot.owner"
BOT_REMOVED = "bot.removed"
ACCOUNT_CREATED = "account.created"
ACCOUNT_ROLE = "account.role"
ACCOUNT_RENAMED = "account.renamed"
ACCOUNT_USERNAME = "account.username"
ACCOUNT_DEACTIVATED = "account.deactivated"
ACCOUNT_ERASED = "account.erased"
ACCOUNT_EXPORTED = "account.exported"
ACCOUNT_ACTIVATED = "account.activated"
ACCOUNT_RESET_LINK = "account.reset-link"
ACCOUNT_SECOND_FACTOR_OFF = "account.second-factor-off"
CHAT_EXPORTED = "chat.exported"
CHAT_SETTING = "chat.setting"
CHAT_IMPORTED = "chat.imported"
COMMAND_MADE = "command.made"
COMMAND_CHANGED = "command.changed"
COMMAND_REMOVED = "command.removed"
REPORT_TAKEN = "report.taken"
REPORT_CLOSED = "report.closed"
REPORT_OPENED = "report.opened"
INVITE_MADE = "invite.made"
INVITE_REVOKED = "invite.revoked"
INCOMING_WEBHOOK_MADE = "incoming-webhook.made"
INCOMING_WEBHOOK_REMOVED = "incoming-webhook.removed"
ROOM_CREATED = "room.created"
ROOM_RENAMED = "room.renamed"
ROOM_PUBLIC = "room.public"
ROOM_PRIVATE = "room.private"
ROOM_ARCHIVED = "room.archived"
ROOM_UNARCHIVED = "room.unarchived"
ROOM_DELETED = "room.deleted"
ROOM_EXPORTED = "room.exported"
ROOM_RETENTION = "room.retention"
MEMBER_REMOVED = "member.removed"
MEMBER_ROLE = "member.role"
MEMBER_BANNED = "member.banned"
MEMBER_UNBANNED = "member.unbanned"
MEMBER_MUTED = "member.muted"
MEMBER_UNMUTED = "member.unmuted"
MESSAGE_DELETED = "message.deleted"
OUTGOING_WEBHOOK_MADE = "outgoing-webhook.made"
OUTGOING_WEBHOOK_CHANGED = "outgoing-webhook.changed"
OUTGOING_WEBHOOK_OFF = "outgoing-webhook.off"  # by somebody, or because it failed for a day
OUTGOING_WEBHOOK_REMOVED = "outgoing-webhook.removed"
ACTIONS = (
    BOT_MADE,
    BOT_OWNER,
    BOT_REMOVED,
    ACCOUNT_CREATED,
    ACCOUNT_ROLE,
    ACCOUNT_RENAMED,
    ACCOUNT_USERNAME,
    ACCOUNT_DEACTIVATED,
    ACCOUNT_ERASED,
    ACCOUNT_EXPORTED,
    ACCOUNT_ACTIVATED,
    ACCOUNT_RESET_LINK,
    ACCOUNT_SECOND_FACTOR_OFF,
    CHAT_EXPORTED,
    CHAT_SETTING,
    CHAT_IMPORTED,
    COMMAND_MADE,
    COMMAND_CHANGED,
    COMMAND_REMOVED,
    REPORT_TAKEN,
    REPORT_CLOSED,
    REPORT_OPENED,
    INVITE_MADE,
    INVITE_REVOKED,
    INCOMING_WEBHOOK_MADE,
    INCOMING_WEBHOOK_REMOVED,
    ROOM_CREATED,
    ROOM_RENAMED,
    ROOM_PUBLIC,
    ROOM_PRIVATE,
    ROOM_ARCHIVED,
    ROOM_UNARCHIVED,
    ROOM_DELETED,
    ROOM_EXPORTED,
    ROOM_RETENTION,
    MEMBER_REMOVED,
    MEMBER_ROLE,
    MEMBER_BANNED,
    MEMBER_UNBANNED,
    MEMBER_MUTED,
    MEMBER_UNMUTED,
    MESSAGE_DELETED,
    OUTGOING_WEBHOOK_MADE,
    OUTGOING_WEBHOOK_CHANGED,
    OUTGOING_WEBHOOK_OFF,
    OUTGOING_WEBHOOK_REMOVED,
)
