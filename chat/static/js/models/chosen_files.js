// Which of the files that somebody pasted, dropped or chose are sent as pictures, and what is said
// of the others.

import { joined } from "./people.js";

const HEAD = 12; // bytes by which pictures are known
const MOST_NAMES = 3; // of files, in a sentence
const LONGEST_NAME = 60; // characters
const UNTOLD = new Set(["", "application/octet-stream"]); // as a system calls what it does not know
const INVISIBLE = /[\p{Cc}\p{Cf}]/gu;

// {pictures, problem}: `problem` is a sentence, or "". `room` is how many pictures fit, `most` how
// many a message holds, `kinds` what they can be: `PNG and GIF`. Content decides: what the system
// does not know goes to the server, which judges.
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
  const mayBe = file.type.startsWith("image/") || UNTOLD.has(file.type);
  return mayBe || isPicture(head) ? "picture" : "other";
}

// By what the files of PNG, JPEG, GIF, WebP, AVIF and HEIC begin with.
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
