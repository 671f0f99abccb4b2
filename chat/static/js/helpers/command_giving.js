// Gives the command that somebody typed, and finds those that they may give: docs/commands.md.

import { t } from "../models/translation.js";
import { getJson, sendJson } from "./api.js";
import { showAnswer } from "./command_answers.js";
import { newMessage } from "./new_message.js";

let isGiving = false; // a program may take some seconds: Enter again must not call it again
let offered = {}; // in the room where somebody typed a slash last

// `isAlone`: without pictures, and no reply. `complain` shows a problem; the text stays then.
export async function giveCommand({ roomId, text, isAlone, complain, done }) {
  if (!isAlone) return complain(t("A command can’t have pictures, or answer a message."));
  if (isGiving) return;
  isGiving = true;
  const { client_id } = newMessage(roomId, text, [], null);
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    const command = { text, client_id, time_zone };
    showAnswer(await sendJson("POST", `/rooms/${roomId}/commands`, command));
    done();
  } catch (error) {
    complain(error.message);
  } finally {
    isGiving = false;
  }
}

// Gives `made` an option for each command that begins so; makeOption(text, shown) -> the option. One that
// is typed whole needs no suggestion: Enter gives it.
export async function findCommands({ roomId, begun, makeOption, made }) {
  const commands = await commandsIn(roomId, !begun);
  const fits = ({ name }) => name.startsWith(begun) && name !== begun;
  made(
    commands.filter(fits).map(({ name, takes, description }) => {
      const option = makeOption(name, `/${name} ${takes}`);
      option.querySelector(".suggestion-username").textContent = description;
      return option;
    }),
  );
}

// Asked for with the slash, so that the suggestions keep up with whoever types on.
async function commandsIn(roomId, isAnew) {
  if (isAnew || offered.roomId !== roomId)
    offered = { roomId, list: getJson(`/rooms/${roomId}/commands`) };
  const { commands } = await offered.list.catch(() => ({ commands: [] }));
  return commands;
}
