// Does what few people do on a page (helpers/on_demand.js loads it for the first of these events).

import { showAnswer } from "./helpers/command_answers.js";
import { findCommands, giveCommand } from "./helpers/command_giving.js";
import { EmojiGrid } from "./helpers/emoji_grid.js";
import { showProblem } from "./helpers/field_problems.js";
import { openReport } from "./helpers/message_report.js";
import { showVersions } from "./helpers/message_versions.js";

const DOES = {
  "command:answer": showAnswer,
  "command:find": findCommands,
  "command:give": giveCommand,
  "emoji:grid": ({ picker, made }) => made(new EmojiGrid(picker)),
  "field:invalid": showProblem,
  "message:report": openReport,
  "message:versions": showVersions,
};

for (const [name, does] of Object.entries(DOES))
  document.addEventListener(name, ({ detail }) => does(detail));
