// One person's six devices over the real socket.io-client as it comes, sending while a worker is stopped.
// Prints "ready", and one JSON object at the end; tests/test_several_processes.py reads it.
// node returning.mjs URL TOKEN ROOM_ID

import { io } from "socket.io-client";

const [url, token, roomId] = process.argv.slice(2);
const DEVICES = 6;
const PATIENCE = 20_000; // ms

const departures = []; // [why, ms until it was greeted again]
const acknowledged = {}; // client_id -> seq

function open() {
  const socket = io(url, { auth: { token }, transports: ["websocket"], forceNew: true });
  let leftAt, why;
  socket.on("disconnect", (reason) => {
    [why, leftAt] = [reason, Date.now()];
  });
  socket.on("hello", () => {
    if (why) departures.push([why, Date.now() - leftAt]);
    why = undefined;
  });
  return new Promise((resolve) => socket.once("hello", () => resolve(socket)));
}

// Until it is acknowledged, and nothing else is wrong than that it could not be.
async function send(socket, clientId) {
  for (;;) {
    try {
      const answer = await socket
        .timeout(2_000)
        .emitWithAck("message:send", { room_id: roomId, client_id: clientId, body: clientId });
      if (answer.ok) return answer.message.seq;
      if (answer.error.code !== "unavailable") throw answer.error;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const sockets = await Promise.all(Array.from({ length: DEVICES }, open));
console.log("ready");
const end = Date.now() + PATIENCE;
await Promise.all(
  sockets.map(async (socket, device) => {
    for (let number = 0; number < 40 || (!departures.length && Date.now() < end); number++) {
      const clientId = `${device}-${number}`;
      acknowledged[clientId] = await send(socket, clientId);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }),
);
console.log(JSON.stringify({ departures, acknowledged }));
for (const socket of sockets) socket.disconnect();
