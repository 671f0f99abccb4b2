// Gathers lines that tell of the same: `Ada, Bob and 3 others joined`. routes/pages/line_runs.py does the
// same on the server.

const RUN_SPAN = 3_600_000; // ms from the first line of a run, at most
const MOST_NAMED = 3; // people; of more than these, the last two are named

// kind -> whom its sentence lists
const LISTED = { joined: "actor", left: "actor", added: "user", removed: "user", owner: "user" };
// Gathered only if one person did all of it.
const BY_ONE = new Set(["added", "removed", "owner", "pinned"]);

// Returns the runs of some LineViews, in order; `seqs` are those of the messages that are shown. A run
// is {slot, lines}: `slot` is the number of messages above it.
export function gather(lines, seqs) {
  const runs = [];
  for (const line of lines) {
    const slot = seqs.filter((seq) => seq <= line.seq).length;
    const last = runs.at(-1);
    if (last && takes(last, line, slot)) last.lines.push(line);
    else runs.push({ slot, lines: [line] });
  }
  return runs;
}

// Returns the sentence that says it: the kind of the lines, or a variant of it.
export function formOf({ lines: [{ kind, text, actor, user }, ...more] }) {
  if (kind === "topic" && !text) return "topic-removed";
  if (kind === "owner" && !more.length && user.id === actor.id) return "owner-self";
  return kind === "pinned" && more.length ? "pinned-many" : kind;
}

// Returns whom the sentence names, without its actor, and how many others there are.
export function peopleOf({ lines }) {
  const people = lines.map(listedBy).filter(Boolean);
  const named = people.length <= MOST_NAMED ? people : people.slice(1 - MOST_NAMED).reverse();
  return { named, rest: people.length - named.length };
}

// Returns the lines of a run as the markup of its row has them.
export function dataOf({ lines }) {
  return lines
    .map((line) => [line.id, line.seq, line.created_at, listedBy(line)?.id ?? ""].join(","))
    .join(" ");
}

// Returns the lines of a row's markup, with the ids of people only.
export function linesIn({ kind, actorId, lines }) {
  const listed = LISTED[kind];
  return lines.split(" ").map((each) => {
    const [id, seq, createdAt, personId] = each.split(",");
    const line = { id, seq: Number(seq), kind, created_at: createdAt, actor: { id: actorId } };
    return { ...line, ...(listed && { [listed]: { id: personId } }) };
  });
}

export function inOrder(one, other) {
  if (one.seq !== other.seq) return one.seq - other.seq;
  const [first, second] = [one, other].map((line) => `${line.created_at} ${line.id}`);
  return first < second ? -1 : 1;
}

function listedBy(line) {
  return line[LISTED[line.kind]];
}

function takes({ slot: ownSlot, lines: [first] }, line, slot) {
  if (slot !== ownSlot || line.kind !== first.kind) return false;
  if (BY_ONE.has(line.kind) ? line.actor.id !== first.actor.id : !LISTED[line.kind]) return false;
  return new Date(line.created_at) - new Date(first.created_at) < RUN_SPAN;
}
