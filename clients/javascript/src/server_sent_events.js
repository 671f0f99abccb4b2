/** Read an answer of server-sent events. */

/** Yield `[event, data]` of each event, and `null` for each sign of life, until the answer ends. */
export async function* eventsOf(response) {
  let event = "";
  for await (const line of linesOf(response.body)) {
    if (line.startsWith("event: ")) event = line.slice("event: ".length);
    else if (line.startsWith("data: ")) yield [event, JSON.parse(line.slice("data: ".length))];
    else if (line.startsWith(":")) yield null;
  }
}

async function* linesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    yield* lines;
  }
}
