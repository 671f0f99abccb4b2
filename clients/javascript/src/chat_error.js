/** A request that the chat refused. `code` is one of docs/api.md; `fields` names wrong ones. */
export class ChatError extends Error {
  /**
   * @param {number} status
   * @param {{code?: string, message?: string, fields?: Record<string, string>}} error
   */
  constructor(status, { code = "", message = "", fields = {} } = {}) {
    super(message || `status ${status}`);
    this.name = "ChatError";
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}
