"""Register, post, read and search with openapi-python-client's client: arguments URL USERNAME."""

import sys

from real_time_chat_client import AuthenticatedClient, Client
from real_time_chat_client.api.auth import register
from real_time_chat_client.api.messages import list_messages, post_message
from real_time_chat_client.api.rooms import create_room, list_my_rooms
from real_time_chat_client.api.search import search_messages
from real_time_chat_client.models import MessageInput, RegisterInput, RoomInput, RoomInputKind

url, username = sys.argv[1:]
account = RegisterInput(username=username, password="correct horse battery staple")
signed_in = register.sync(client=Client(base_url=url), body=account)
client = AuthenticatedClient(base_url=url, token=signed_in.access_token)
room = create_room.sync(client=client, body=RoomInput(name="Harbour", kind=RoomInputKind.PRIVATE))

first = MessageInput(client_id="first", body="The heliotrope has sailed")
said = post_message.sync(room.id, client=client, body=first)
assert said.reply_to is None
assert post_message.sync(room.id, client=client, body=first).id == said.id, "it is safe to repeat"
answer = MessageInput(client_id="second", body="Good", reply_to_id=said.id)
assert post_message.sync(room.id, client=client, body=answer).reply_to.id == said.id

page = list_messages.sync(room.id, client=client, limit=10)
assert [message.body for message in page.messages] == ["The heliotrope has sailed", "Good"]
assert page.messages[0].created_at.tzinfo is not None
found = search_messages.sync(client=client, q="helio", room_id=room.id)
assert [result.message.id for result in found.results] == [said.id]
refused = post_message.sync(room.id, client=client, body=MessageInput(client_id="third"))
assert refused.error.code == "validation_failed"

create_room.sync(client=client, body=RoomInput(name="Quiet Bay", kind=RoomInputKind.PRIVATE))
newest = list_my_rooms.sync(client=client, limit=1)
oldest = list_my_rooms.sync(client=client, limit=1, before=newest.next_)
assert [page.rooms[0].room.name for page in (newest, oldest)] == ["Quiet Bay", "Harbour"]
assert oldest.next_ is None
unchanged = list_my_rooms.sync_detailed(client=client, limit=1)
known = unchanged.headers["ETag"]
assert list_my_rooms.sync_detailed(client=client, limit=1, if_none_match=known).status_code == 304
