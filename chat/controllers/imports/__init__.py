"""Bring the past of another chat into this one: people, rooms and messages (decision 58).

running.py   the whole import, step by step
people.py    which account is whose: there already, or made
names.py     usernames, names of people and rooms as this chat takes them
rooms.py     a room: its name, its members, its messages, and when it opens
messages.py  a message: its texts, pictures, reactions, as the log stores them
seeding.py   invented worlds, by the same way
bodies.py    texts: mentions by username, cleaned, split where they are too long
"""
