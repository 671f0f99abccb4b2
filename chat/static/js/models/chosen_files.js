// Which of the pasted, dropped or chosen files are sent as pictures, and a sentence about the others.

import { joined } from "./people.js";

const HEAD = 12; // bytes that identify a picture
const MOST_NAMES = 3; // of files, in a sentence
const LONGEST_NAME = 60; // characters
const UNKNOWN_TYPES = new Set(["", "application/octet-stream"]); // as a system calls unknown types
const INVISIBLE = /[\p{Cc}\p{Cf}]/gu;

// Resolves to {pictures, problem}: `problem` is a sentence, or "". `room` is how many pictures still
// fit, `most` how many a message holds, `kinds` the accepted types: `PNG and GIF`. The content
// decides; the server judges files of unknown types.
export async function sortFiles(files, { room, most, kinds }) {
  const judged = await Promise.all(files.map(async (file) => ({ file, kind: await kindOf(file) })));
  const of = (wanted) => judged.filter(({ kind }) => kind === wanted).map(({ file }) => file);
  const pictures = of("picture");
  const left = pictures.slice(room);
  const problems = [
    about(of("other"), "is not a picture", "are not pictures", `: ${kinds} can be sent.`),
    about(of("unreadable"), "is a folder, or cannot be read", "are folders, or cannot be read"),
    about(left, "was left out", "were left out", `: at most ${most} fit a message.`),
  ];
  return { pictures: pictures.slice(0, room), problem: problems.filter(Boolean).join(" ") };
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

function about(files, one, several, rest = ".") {
  if (!files.length) return "";
  const names = files.slice(0, MOST_NAMES).map(({ name }) => `“${shortened(name)}”`);
  const others = files.length - names.length;
  if (others) names.push(others === 1 ? "1 other" : `${others} others`);
  return `${joined(names)} ${files.length === 1 ? one : several}${rest}`;
}

function shortened(name) {
  const characters = [...name.replaceAll(INVISIBLE, "")];
  if (characters.length <= LONGEST_NAME) return characters.join("");
  return `${characters.slice(0, LONGEST_NAME - 1).join("")}…`;
}
