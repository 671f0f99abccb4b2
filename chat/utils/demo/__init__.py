"""Invented worlds, as a source of an import: to look at the chat, and to put load on it.

drawing.py         pictures drawn by this program
conversations.txt  what people say in the demo world
conversations.py   how that is read
demo_world.py      the demo world: a workshop, its people and some weeks of its talk
load_world.py      many people, rooms and messages
"""
