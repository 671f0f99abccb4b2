// Which of the pasted, dropped or chosen files are sent as pictures, and why the others are not.

import { t } from "./translation.js";

const HEAD = 12; // bytes that identify a picture
const LONGEST_NAME = 60; // characters
const UNKNOWN_TYPES = new Set(["", "application/octet-stream"]); // as a system calls unknown types
const INVISIBLE = /[\p{Cc}\p{Cf}]/gu;

// Resolves to {pictures, refused: [{name, reason}]}. `room` is how many pictures still fit, `most` how
// many a message holds. The content decides; the server judges files of unknown types.
export async function sortFiles(files, { room, most }) {
  const pictures = [];
  const refused = [];
  const kinds = await Promise.all(files.map(kindOf));
  files.forEach((file, i) => {
    const reason = reasonAgainst(kinds[i], { isFull: pictures.length >= room, most });
    if (reason) refused.push({ name: shortened(file.name), reason });
    else pictures.push(file);
  });
  return { pictures, refused };
}

function reasonAgainst(kind, { isFull, most }) {
  if (kind === "unreadable") return t("a folder, or a file that can’t be read");
  if (kind === "other") return t("only pictures can be sent");
  return isFull ? t("at most {count} pictures fit a message", { count: most }) : "";
}

async function kindOf(file) {
  let head;
  try {
    head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  } catch {
    return "unreadable";
  }
  const mayBe = file.type.startsWith("image/") || UNKNOWN_TYPES.has(file.type);
  return mayBe || isPicture(head) ? "picture" : "other";
}

// By the first bytes of PNG, JPEG, GIF, WebP, AVIF and HEIC files.
function isPicture(head) {
  const text = String.fromCharCode(...head);
  return /^(\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|....ftyp(avi[fs]|hei[cfx]|mif1))/s.test(text);
}

function shortened(name) {
  const characters = [...name.replaceAll(INVISIBLE, "")];
  if (characters.length <= LONGEST_NAME) return characters.join("");
  return `${characters.slice(0, LONGEST_NAME - 1).join("")}…`;
}
