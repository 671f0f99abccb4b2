// Registers, posts, reads and searches with the types that openapi-typescript made: URL USERNAME.

import assert from "node:assert/strict";

import createClient from "openapi-fetch";

import type { components, paths } from "./api.js";

const [url, username] = process.argv.slice(2) as [string, string];
const client = createClient<paths>({ baseUrl: url });

const account = { username, password: "correct horse battery staple" };
const signedIn = await client.POST("/api/v1/auth/register", { body: account });
assert(signedIn.data);
const token = signedIn.data.access_token;
client.use({ onRequest: ({ request }) => request.headers.set("Authorization", `Bearer ${token}`) });

const made = await client.POST("/api/v1/rooms", { body: { name: "Harbour", kind: "private" } });
assert(made.data);
const params = { path: { room_id: made.data.id } };
const post = (body: components["schemas"]["MessageInput"]) =>
  client.POST("/api/v1/rooms/{room_id}/messages", { params, body });

const first = { client_id: "first", body: "The heliotrope has sailed" };
const said = (await post(first)).data;
assert(said);
assert.equal(said.reply_to, null);
assert.equal((await post(first)).data?.id, said.id, "it is safe to repeat");
const answer = await post({ client_id: "second", body: "Good", reply_to_id: said.id });
assert.equal(answer.data?.reply_to?.id, said.id);

const page = await client.GET("/api/v1/rooms/{room_id}/messages", {
  params: { ...params, query: { limit: 10 } },
});
assert.deepEqual(page.data?.messages.map((message) => message.body), [first.body, "Good"]);
const found = await client.GET("/api/v1/search", {
  params: { query: { q: "helio", room_id: made.data.id } },
});
assert.deepEqual(found.data?.results.map((result) => result.message.id), [said.id]);
const refused = await post({ client_id: "third" });
assert.equal(refused.error?.error.code, "validation_failed");

await client.POST("/api/v1/rooms", { body: { name: "Quiet Bay", kind: "private" } });
const list = (before?: string | null) =>
  client.GET("/api/v1/rooms", { params: { query: { limit: 1, before: before ?? undefined } } });
const newest = (await list()).data;
const oldest = (await list(newest?.next)).data;
assert.deepEqual([newest, oldest].map((page) => page?.rooms[0].room.name), ["Quiet Bay", "Harbour"]);
assert.equal(oldest?.next, null);
