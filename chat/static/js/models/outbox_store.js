// Stores an outbox in IndexedDB, which all tabs of this browser share and which outlives them. Where a
// browser forbids that, in the memory of the page: then messages last as long as the page.

const DATABASE = "chat";
const MESSAGES = "unsent"; // by `position`, in the order of writing; by `owner`
const LEASES = "leases"; // {name, holder, until}: which tab may send, in browsers without locks

export async function openStore() {
  try {
    return new IndexedStore(await openDatabase());
  } catch {
    return new MemoryStore(); // no IndexedDB here
  }
}

class IndexedStore {
  #database;

  constructor(database) {
    this.#database = database;
  }

  add(message) {
    return this.#do(MESSAGES, "readwrite", (messages) => messages.add(message));
  }

  list(owner) {
    return this.#do(MESSAGES, "readonly", (messages) => messages.index("owner").getAll(owner));
  }

  // Changes a message, unless it was removed meanwhile.
  change(position, changes) {
    return this.#do(MESSAGES, "readwrite", (messages) =>
      update(messages, position, (message) => message && { ...message, ...changes }),
    );
  }

  remove(position) {
    return this.#do(MESSAGES, "readwrite", (messages) => messages.delete(position));
  }

  // Resolves to whether `holder` has the lease now, for so many ms.
  async lease(name, holder, duration) {
    let isMine;
    await this.#do(LEASES, "readwrite", (leases) =>
      update(leases, name, (lease) => {
        isMine = isFree(lease, holder);
        return isMine && { name, holder, until: Date.now() + duration };
      }),
    );
    return isMine;
  }

  release(name, holder) {
    return this.#do(LEASES, "readwrite", (leases) =>
      update(leases, name, (lease) => lease?.holder === holder && { ...lease, until: 0 }),
    );
  }

  #do(store, mode, act) {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(store, mode);
      const request = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}

export class MemoryStore {
  #messages = new Map(); // position -> message
  #leases = new Map();
  #last = 0;

  async add(message) {
    const position = ++this.#last;
    this.#messages.set(position, { ...message, position });
  }

  async list(owner) {
    return [...this.#messages.values()].filter((message) => message.owner === owner);
  }

  async change(position, changes) {
    const message = this.#messages.get(position);
    if (message) this.#messages.set(position, { ...message, ...changes });
  }

  async remove(position) {
    this.#messages.delete(position);
  }

  async lease(name, holder, duration) {
    if (!isFree(this.#leases.get(name), holder)) return false;
    this.#leases.set(name, { holder, until: Date.now() + duration });
    return true;
  }

  async release(name, holder) {
    if (this.#leases.get(name)?.holder === holder) this.#leases.delete(name);
  }
}

function isFree(lease, holder) {
  return !lease || lease.holder === holder || lease.until < Date.now();
}

// Reads and writes in one transaction. `change` returns the new value, or something falsy for the old.
function update(store, key, change) {
  const request = store.get(key);
  request.onsuccess = () => {
    const value = change(request.result);
    if (value) store.put(value);
  };
  return request;
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result
        .createObjectStore(MESSAGES, { keyPath: "position", autoIncrement: true })
        .createIndex("owner", "owner");
      request.result.createObjectStore(LEASES, { keyPath: "name" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
