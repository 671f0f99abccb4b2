"""The past of a room: messages of other times and places, written before anybody sees the room.

An import fills the log of a room that is not open yet, and then opens the room with its members.
So nobody writes between the messages of the past, nobody is notified, and a room is seen whole or
not at all (docs/decisions/0058).

posts.py   messages and their changes, as entries that have no seq yet
log.py     PastLog: writes them, many in one insert, and continues after an interruption
dump.py    a folder that mongodump wrote, from which an import may come
places.py  places in the lists of its members, taken ahead
room.py    opens the room, with members who have read everything
"""
