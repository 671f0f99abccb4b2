// The pages that this device keeps of the person whose page this is.

import { DeviceCopies } from "./device_copies.js";

// Over plain http on another host there are no caches: then nothing is kept.
export const copies = globalThis.caches ? new DeviceCopies() : null;
