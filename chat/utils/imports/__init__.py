"""Read what other chats export, without knowing anything of this one.

past.py            what every source has: people, rooms, messages, and what they lost on the way
report.py          what was made, adapted and lost, with examples
archives.py        zip files of strangers, within bounds
slack.py           Slack's export: people and channels
slack_messages.py  its messages
slack_text.py      its markup, in text and blocks
"""
