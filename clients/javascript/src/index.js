/** Write bots for real-time-chat. It needs fetch, and nothing else. */

export { Chat } from "./chat.js";
export { ChatError } from "./chat_error.js";
