// Follows a chat, and prints each entry as a line: CHAT TOKEN MEMORY [from the beginning] [MOST].

import { Chat } from "../../clients/javascript/src/index.js";
import { FileMemory } from "../../clients/javascript/src/file_memory.js";

const [url, token, path, fromBeginning, most] = process.argv.slice(2);
const chat = new Chat(url, token);
let count = 0;
try {
  const options = { fromBeginning: fromBeginning === "true" };
  for await (const entry of chat.follow(new FileMemory(path), options)) {
    console.log(JSON.stringify(entry));
    if (++count === Number(most)) process.exit(); // in the middle of what it does with the entry
  }
} catch (error) {
  console.log(JSON.stringify({ refused: error.code }));
}
