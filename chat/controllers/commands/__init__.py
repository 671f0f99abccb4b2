"""Slash commands: what somebody types behind a `/` is done instead of posted.

outcome.py    what a command leads to
built_in.py   the commands of the chat itself, in one table
reminders.py  `/remind`, and the job that delivers what is due
programs.py   calls the programs of commands, and takes what they answer
managing.py   which programs there are
running.py    finds the command of a text, and runs it
"""
