// How much somebody has used the chat on this device: enough to tell them that it can be installed, or
// not yet; and never again, once they said so.

const KEY = "chat.usage";
const DAYS = 2; // on which a page was open
const MESSAGES = 1; // that was sent: a newcomer knows then what this is

export class DeviceUsage {
  #storage;
  #today;

  // `storage`: a Storage; `today()` names a day.
  constructor(storage = localStorage, today = () => new Date().toDateString()) {
    this.#storage = storage;
    this.#today = today;
  }

  get isEnough() {
    const { days = 0, sent = 0 } = this.#record;
    return !this.isDismissed && (days >= DAYS || sent >= MESSAGES);
  }

  get isDismissed() {
    return Boolean(this.#record.isDismissed);
  }

  noteDay() {
    const { days = 0, last } = this.#record;
    const today = this.#today();
    if (last !== today && days < DAYS) this.#keep({ days: days + 1, last: today });
  }

  // `id`: of the message. Each open page notes it.
  noteSent(id) {
    const { sent = 0, lastSent } = this.#record;
    if (id !== lastSent && sent < MESSAGES) this.#keep({ sent: sent + 1, lastSent: id });
  }

  dismiss() {
    this.#keep({ isDismissed: true });
  }

  get #record() {
    return JSON.parse(this.#storage.getItem(KEY) ?? "{}");
  }

  #keep(changes) {
    this.#storage.setItem(KEY, JSON.stringify({ ...this.#record, ...changes }));
  }
}
