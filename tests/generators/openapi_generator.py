"""Register, post, read and search with openapi-generator's client: arguments URL USERNAME."""

import sys

import openapi_client
from openapi_client import (
    AuthApi,
    MessageInput,
    MessagesApi,
    RegisterInput,
    RoomInput,
    RoomsApi,
    SearchApi,
)
from openapi_client.exceptions import UnprocessableEntityException

url, username = sys.argv[1:]
configuration = openapi_client.Configuration(host=url)
client = openapi_client.ApiClient(configuration)
account = RegisterInput(username=username, password="correct horse battery staple")
configuration.access_token = AuthApi(client).register(account).access_token
room = RoomsApi(client).create_room(RoomInput(name="Harbour", kind="private"))

messages = MessagesApi(client)
first = MessageInput(client_id="first", body="The heliotrope has sailed")
said = messages.post_message(room.id, first)
assert said.reply_to is None
assert messages.post_message(room.id, first).id == said.id, "it is safe to repeat"
answer = MessageInput(client_id="second", body="Good", reply_to_id=said.id)
assert messages.post_message(room.id, answer).reply_to.id == said.id

page = messages.list_messages(room.id, limit=10)
assert [message.body for message in page.messages] == ["The heliotrope has sailed", "Good"]
assert page.messages[0].created_at.tzinfo is not None
found = SearchApi(client).search_messages(q="helio", room_id=room.id)
assert [result.message.id for result in found.results] == [said.id]
try:
    messages.post_message(room.id, MessageInput(client_id="third"))
    raise AssertionError("a message of nothing was taken")
except UnprocessableEntityException as refused:
    assert refused.data.error.code == "validation_failed"

rooms = RoomsApi(client)
rooms.create_room(RoomInput(name="Quiet Bay", kind="private"))
newest = rooms.list_my_rooms(limit=1)
oldest = rooms.list_my_rooms(limit=1, before=newest.next)
assert [page.rooms[0].room.name for page in (newest, oldest)] == ["Quiet Bay", "Harbour"]
assert oldest.next is None
