// Notifications that the service worker shows for push messages. Pages show and close them, too, so
// that a message has one notification on a device, whoever was first: they share the message's id.

const ICON = "/static/icons/chat-192.png";

// Shows what a push message says. `text`: of its body. Browsers want a notification for each message.
export async function showPushed(registration, text, { name, badge }) {
  const { title = name, body = "", tag, ...data } = read(text);
  const shown = await registration.getNotifications();
  const isOver = covers(data.room_id, data.read_seq);
  for (const each of shown) if (isOver(each.data ?? {})) each.close();
  await registration.showNotification(title, { body, tag, data, icon: ICON });
  badge((await registration.getNotifications()).length);
}

// Shows a message, as an open page knows it.
export function showMessage(registration, title, body, { id, room_id: roomId, seq }, icon) {
  const url = `/rooms/${roomId}?around=${seq}#message-${seq}`;
  return registration.showNotification(title, {
    body,
    icon,
    tag: id,
    silent: true, // the page has a sound of its own
    data: { url, room_id: roomId, seq },
  });
}

// Closes the notifications of a room's messages up to a seq: they were read.
export function closeRead(registration, roomId, readSeq) {
  return close(registration, ({ data }) => covers(roomId, readSeq)(data ?? {}));
}

// Closes the notification of a message: it was deleted.
export function closeMessage(registration, messageId) {
  return close(registration, ({ tag }) => tag === messageId);
}

// Leads to what a notification tells of: in a window of the chat, if one is open.
export async function follow({ data }, windows, open) {
  const url = data?.url ?? "/rooms";
  const window = windows.find(({ focused }) => focused) ?? windows[0];
  if (!window) return open(url);
  window.postMessage({ goTo: url });
  return window.focus();
}

async function close(registration, isOver) {
  for (const each of await registration.getNotifications()) if (isOver(each)) each.close();
}

function covers(roomId, readSeq) {
  return ({ room_id: room, seq }) => room !== undefined && room === roomId && seq <= readSeq;
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // another version of the chat may say something else
  }
}
