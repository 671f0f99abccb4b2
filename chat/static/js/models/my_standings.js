// The one Standings of this page.

import { getJson } from "../helpers/api.js";
import { Standings } from "./standings.js";

const ASK_WITHIN = 500; // ms, by chance: a thousand browsers may have missed the same

export const standings = new Standings(getJson, (action) =>
  setTimeout(action, Math.random() * ASK_WITHIN),
);
