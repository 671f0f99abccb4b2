// Two people over the real socket.io-client. Prints one JSON object; tests/interop/test_socketio_client.py reads it.
// node client.mjs URL ALICE_TOKEN BOB_TOKEN MALLORY_TOKEN ROOM_ID TRANSPORT

import { io } from "socket.io-client";

const [url, aliceToken, bobToken, malloryToken, roomId, transport] = process.argv.slice(2);
const PATIENCE = 30_000;

function open(token) {
  const socket = io(url, {
    auth: { token },
    transports: transport.split(","),
    forceNew: true,
    reconnection: false,
  });
  socket.heard = [];
  socket.onAny((event, payload) => socket.heard.push([event, payload]));
  return new Promise((resolve, reject) => {
    socket.once("hello", () => resolve(socket));
    socket.once("connect_error", (error) => reject(error));
  });
}

function until(holds) {
  return new Promise((resolve, reject) => {
    const end = Date.now() + PATIENCE;
    const look = () =>
      holds()
        ? resolve()
        : Date.now() > end
          ? reject(new Error("waited too long"))
          : setTimeout(look, 5);
    look();
  });
}

const posted = (socket) =>
  socket.heard.filter(([event]) => event === "message:posted").map(([, entry]) => entry);

const [alice, bob, mallory] = await Promise.all([
  open(aliceToken),
  open(bobToken),
  open(malloryToken),
]);
const first = await alice
  .timeout(PATIENCE)
  .emitWithAck("message:send", { room_id: roomId, client_id: "first", body: "from node ⛴" });
for (let i = 0; i < 200; i++)
  bob.emit("message:send", { room_id: roomId, client_id: `burst-${i}`, body: `${i}` }, () => {});
await until(() => posted(alice).length === 201 && posted(bob).length === 201);
const refusal = await open("not a token").then(
  () => null,
  (error) => error.message,
);
const unknown = await alice.timeout(PATIENCE).emitWithAck("message:explode", { any: "thing" });
const outsider = await mallory
  .timeout(PATIENCE)
  .emitWithAck("message:send", { room_id: roomId, client_id: "m", body: "let me in" });

console.log(
  JSON.stringify({
    first,
    transport: alice.io.engine.transport.name,
    alice: posted(alice).map(({ seq, message }) => [seq, message.id]),
    bob: posted(bob).map(({ seq, message }) => [seq, message.id]),
    bodies: posted(alice)
      .slice(1)
      .map(({ message }) => message.body),
    mallory: posted(mallory).length,
    refusal,
    unknown,
    outsider,
  }),
);
for (const socket of [alice, bob, mallory]) socket.disconnect();
