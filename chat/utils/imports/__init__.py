"""Read what other chats export, without knowing anything of this one.

past.py            what every source has: people, rooms, messages, and what they lost on the way
report.py          what was made, adapted and lost, with examples
archives.py        zip files of strangers, within bounds
texts.py           emoji by their names, and code that stays as it is
spool.py           messages on the disk, by room and time
slack.py           Slack's export: people and channels
slack_messages.py  its messages
slack_text.py      its markup, in text and blocks
mattermost.py      Mattermost's bulk export: teams, channels and people
mattermost_posts.py  its posts
dumps.py           documents and files of a dump of MongoDB
rocketchat.py      Rocket.Chat's database
letschat.py        Let's Chat's database
campfire.py        Campfire's database and files
campfire_html.py   its rich texts
chat_export.py     the export of a chat like this one
"""
