"""Web Push: what notifies somebody reaches their browsers while they look at no page of the chat.

subscriptions.py  which browsers: the verbs of people
calling.py        whom a posted message calls, by the rules of notifications
following.py      the job that follows the rooms' logs, and stores what is to be delivered
queue.py          which deliveries are next: nobody delays others
sending.py        the job that sends what is due, and stores what became of it
messages.py       the messages that deliveries are about
notices.py        what a push message says
programs.py       this process's program that seals and sends

One process at a time follows and sends, the one with the lease (models/lease.py).
"""
