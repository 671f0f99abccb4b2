// Brings the kept rooms of a device up to the present after a time without a connection: they must not
// go on to contain what was deleted meanwhile, or rooms that the person is not in any more.

const MOST_MISSED = 200; // entries; a kept room that lacks more is forgotten

// After a `hello`, of which these are `rooms` and `next`. Of the chat it asks with
//   get(path) -> the API's answer
//   catchUp(roomId, after) -> the entries after `after`, or the first of them
// and it hands what happened to note(roomId, entries). later(action) calls an action after a while.
export async function reviewKept(copies, { rooms, next }, { get, catchUp, note, later }) {
  const kept = [...(await copies.heads()).keys()];
  const heads = headsOf(rooms);
  const unlisted = kept.filter((id) => !heads.has(id));
  if (next && unlisted.length) {
    const others = await get(`/rooms?ids=${unlisted.join()}`);
    for (const [id, head] of headsOf(others.rooms)) heads.set(id, head);
  }
  for (const id of kept) {
    if (heads.has(id)) later(() => bringUp(copies, id, heads.get(id), { catchUp, note }));
    else await copies.forgetRoom(id);
  }
}

async function bringUp(copies, id, head, { catchUp, note }) {
  let seq = (await copies.heads()).get(id);
  if (head < seq || head > seq + MOST_MISSED) return copies.forgetRoom(id);
  while (seq < head) {
    const entries = await catchUp(id, seq);
    if (!entries.length) return;
    note(id, entries);
    seq = entries.at(-1).seq;
  }
}

function headsOf(rooms) {
  return new Map(rooms.map(({ room, head_seq: head }) => [room.id, head]));
}
