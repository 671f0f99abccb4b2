// The panel beside a room: its details, or the search. It shows pages that have addresses of their own.
// The entry of the history says which (state.panel; "" for none), so Back closes it and a reload keeps
// it. On a wide window other rooms have it open, too, and this browser remembers it in a cookie: so the
// server leaves its column free in a document (app-panel), and nothing moves when it comes.

import { readCookie, writeCookie } from "../helpers/cookies.js";
import { belongsHere } from "../helpers/navigation.js";
import { completePart, fetchPage, problemIn } from "../helpers/page_fragments.js";
import { LiveElement } from "../helpers/live_element.js";
import { showPageNotice } from "../helpers/page_notice.js";
import { addressIn, isInPanel, isSearch, nameOf } from "../models/panel_pages.js";
import { t } from "../models/translation.js";

const WIDE = matchMedia("(min-width: 75rem)"); // as in panel.css
const PHONE = matchMedia("(max-width: 44rem)"); // likewise: there it lies over everything
const OPENERS = ".room-header-tools a, .room-header-people"; // each is lit, and closes it, while it shows its page
const TOGGLE = ".room-header-toggle";
const UNREACHABLE = t("This could not be loaded. Try again when the connection is back.");

export class SidePanel extends LiveElement {
  #address = ""; // of the page that it shows; "" while it is closed
  #latest = 0; // the number of the last page that was asked for
  #sentFrom = 0; // the one whose form was sent last
  #opener = null;
  #main = null; // the page that it was beside

  prepare() {
    this.addEventListener("keydown", (event) => this.#press(event));
    this.addEventListener("submit", () => (this.#sentFrom = this.#latest));
    this.addEventListener("answer", (event) => this.#take(event));
  }

  enter() {
    const { staySignal: signal } = this;
    document.addEventListener("visit", (event) => this.#visit(event), { signal });
    document.addEventListener("click", ({ target }) => this.#dismiss(target), { signal });
    this.listen(document, "entry", () => this.#follow());
    document.body.classList.remove("app-panel");
    if (PHONE.matches) this.#note(""); // after a reload the address says what is shown
    this.#follow();
  }

  get address() {
    return this.#address;
  }

  // Shows a page, as a new entry of the history unless the panel is open already.
  open(address, opener) {
    const isFirst = !this.#address;
    if (isFirst) {
      this.#opener = opener;
      history.pushState({ ...history.state, panel: address, isOwnEntry: true }, "");
    } else this.#note(address);
    this.#remember(nameOf(address));
    this.#show(address, { takesFocus: isFirst || !this.contains(opener) });
  }

  close() {
    this.#remember("");
    if (history.state?.isOwnEntry) return history.back();
    this.#note("");
    this.#hide();
  }

  // The page that it shows has another address now.
  replaceAddress(address) {
    if (nameOf(this.#address) !== nameOf(address)) return; // another one is on its way
    this.#address = address;
    this.#note(address);
  }

  #visit(event) {
    const { url, from } = event.detail;
    const isBack = this.contains(from) && from.matches(".details-back");
    if (!isBack && !isInPanel(url, roomBeside())) return;
    event.preventDefault();
    const address = url.pathname + url.search;
    if (isBack || (from.matches(OPENERS) && this.#isShownBy(from))) this.close();
    else this.open(address, from);
  }

  // Where it lies over the main part, that is dimmed (panel.css), and a click there closes it.
  #dismiss(target) {
    if (!this.#address || !target.matches("#main")) return;
    if (getComputedStyle(target, "::after").content !== "none") this.close();
  }

  // Another entry of the history is shown. One that knows of no panel is new.
  #follow() {
    const before = this.#main;
    this.#main = document.querySelector("#main");
    const { panel } = history.state ?? {};
    const wanted = panel ?? this.#inherited();
    if (panel === undefined) this.#note(wanted);
    if (wanted) return this.#show(wanted);
    if (before === this.#main && this.#address) this.#remember("");
    this.#hide();
  }

  #inherited() {
    const roomId = roomBeside();
    if (!roomId || !WIDE.matches) return "";
    if (isSearch(this.#address)) return this.#address;
    return addressIn(roomId, readCookie(this.dataset.cookie));
  }

  async #show(address, { takesFocus = false } = {}) {
    if (address === this.#address && !takesFocus) return this.#showOpeners();
    this.#address = address;
    this.hidden = false;
    this.#showOpeners();
    const page = await this.#fetched(address);
    if (!page) return;
    const hadFocus = this.contains(document.activeElement);
    const { id } = document.activeElement;
    this.#fill(page);
    this.scrollTop = 0;
    if (takesFocus || hadFocus) this.#focus(hadFocus ? id : "");
  }

  // Resolves to null if there is nothing to show: something else is wanted by now, or it cannot be.
  async #fetched(address) {
    this.#latest += 1;
    const turn = this.#latest;
    try {
      const page = await fetchPage(address);
      if (turn !== this.#latest) return null;
      if (page && belongsHere(page.main)) return page;
      if (page?.main.dataset.version)
        location.reload(); // upgraded: this entry has the panel's page
      else location.assign(address);
    } catch (error) {
      console.warn(error.message);
      if (turn !== this.#latest) return null;
      showPageNotice(UNREACHABLE);
      this.close();
    }
    return null;
  }

  // What became of a form in it, unless it shows something else by now.
  #take(event) {
    const { detail: page } = event;
    if (this.#sentFrom !== this.#latest) {
      event.preventDefault();
      if (page.isRefused) showPageNotice(problemIn(page.main));
      return;
    }
    const isShownHere = page.isRefused || isInPanel(new URL(page.address, location), roomBeside());
    if (!isShownHere || !belongsHere(page.main)) return;
    event.preventDefault();
    if (!page.isRefused) {
      this.#address = page.address;
      this.#note(page.address);
    }
    const { id } = document.activeElement;
    this.#fill(page);
    if (!this.contains(document.activeElement)) this.#focus(id);
  }

  #fill({ main, title }) {
    completePart(main);
    this.replaceChildren(...main.querySelectorAll(":scope > :not(.frame-notice, image-viewer)"));
    this.querySelectorAll("h1").forEach(lower);
    this.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    this.ariaLabel = title.slice(0, title.lastIndexOf(" · ")); // without the name of the chat
  }

  #focus(id = "") {
    const target =
      this.querySelector("[data-wants-focus]") ||
      (id && document.getElementById(id)) ||
      this.querySelector("h2");
    if (!target) return;
    target.focus({ preventScroll: true });
    if (target.matches("[type=search]"))
      target.setSelectionRange(target.value.length, target.value.length);
  }

  #hide() {
    this.#latest += 1;
    this.#address = "";
    const hadFocus = this.contains(document.activeElement);
    this.hidden = true;
    this.replaceChildren();
    this.#showOpeners();
    if (hadFocus) this.#focusBeside();
  }

  #focusBeside() {
    const opener = this.#opener?.isConnected ? this.#opener : document.querySelector(TOGGLE);
    (opener?.checkVisibility() ? opener : document.querySelector("#main")).focus();
  }

  // A menu or a dialog in it closes first.
  #press({ key, defaultPrevented }) {
    if (key !== "Escape" || defaultPrevented) return;
    if (!this.querySelector(":popover-open, dialog[open]")) this.close();
  }

  #showOpeners() {
    for (const link of document.querySelectorAll(OPENERS)) {
      link.setAttribute("aria-expanded", String(this.#isShownBy(link)));
    }
  }

  // The toggle stands for the settings, too, which have no button of their own.
  #isShownBy(link) {
    if (link.matches(TOGGLE) && nameOf(this.#address) === "settings") return true;
    return link.pathname + link.search === this.#address;
  }

  #note(panel) {
    history.replaceState({ ...history.state, panel }, "");
  }

  // `name`: of the page of details that is open
  #remember(name) {
    if (WIDE.matches) writeCookie(this.dataset.cookie, name);
  }
}

// The page beside it has the heading of the document. This one can take the focus.
function lower(heading) {
  const lower = document.createElement("h2");
  lower.className = heading.className;
  lower.tabIndex = -1;
  lower.append(...heading.childNodes);
  heading.replaceWith(lower);
}

// The room that is shown beside the panel; "" for another page.
function roomBeside() {
  const main = document.querySelector("#main");
  return main.querySelector("message-timeline") ? main.dataset.roomId : "";
}
