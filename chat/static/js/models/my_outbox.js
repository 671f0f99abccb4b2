// The outbox of the person whose page this is. It sends while the connection is open, on every page.

import { locksOf } from "../helpers/locks.js";
import { connection } from "./connection.js";
import { Outbox } from "./outbox.js";
import { openStore } from "./outbox_store.js";

const owner = document.querySelector("#main").dataset.me;
const store = await openStore();

export const outbox = new Outbox({
  owner,
  store,
  channel: new BroadcastChannel(`chat-outbox-${owner}`),
  withLock: locksOf(store),
  send: async (payload) => (await connection.send("message:send", payload)).message,
});

export async function keepSending() {
  connection.addEventListener("state", () =>
    connection.isOpen ? outbox.resume() : outbox.suspend(),
  );
  await outbox.refresh();
  if (connection.isOpen) outbox.resume();
}
