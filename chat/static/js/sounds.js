// Two soft notes, made by the browser: once for what notifies, however many pages of the chat are open.
// helpers/sound.js loads this for the first sound.

const NOTES = [
  [0, 659.25], // s after the beginning, Hz
  [0.11, 987.77],
];
const RISES = 0.02; // s until a note is loudest
const LASTS = 0.45; // s
const LOUDEST = 0.1;
const LATE = 1_000; // ms after which nobody would know what sounded
const LAST = "chat.sound"; // when a page made one, in ms
const PAUSE = 3_000; // ms in which nothing else sounds: it is the same message, or one too many

let context;

document.addEventListener("sound", ({ detail }) => (detail.isSample ? play() : takeTurn()));

function takeTurn() {
  // Browsers forbid a page to sound in which nobody did anything; another one may.
  if (navigator.userActivation?.hasBeenActive === false) return;
  const { locks } = navigator; // none on plain http from another host
  if (locks) locks.request(LAST, playAfterPause);
  else playAfterPause();
}

function playAfterPause() {
  const ago = Date.now() - Number(localStorage.getItem(LAST));
  if (ago >= 0 && ago < PAUSE) return;
  localStorage.setItem(LAST, Date.now());
  play();
}

async function play() {
  const asked = Date.now();
  context ??= new AudioContext();
  await context.resume(); // a browser may make it wait until somebody touches the page
  if (Date.now() - asked > LATE) return;
  for (const [begin, pitch] of NOTES) ring(context.currentTime + begin, pitch);
}

function ring(begin, pitch) {
  const note = new OscillatorNode(context, { type: "sine", frequency: pitch });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(LOUDEST, begin + RISES);
  volume.gain.exponentialRampToValueAtTime(LOUDEST / 100, begin + LASTS);
  note.connect(volume).connect(context.destination);
  note.start(begin);
  note.stop(begin + LASTS);
}
