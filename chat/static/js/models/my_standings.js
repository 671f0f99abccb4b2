// The one Standings of this page.

import { getJson } from "../helpers/api.js";
import { Standings } from "./standings.js";

const ASK_WITHIN = 500; // ms at most, at random: a thousand browsers may have missed the same message

export const standings = new Standings(getJson, (action) =>
  setTimeout(action, Math.random() * ASK_WITHIN),
);
