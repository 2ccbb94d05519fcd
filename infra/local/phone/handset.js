// One phone on the page: its conversation, what can be typed and attached, and the sheet of a list message.

import { dayOf, isShown, make, messageItem } from "./chat.js";
import { samplePicture } from "./sample.js";

export class Handset {
  // `send(path, body)` posts to the phone that is chosen; it resolves when the webhook was answered.
  constructor(box, send) {
    this.box = box;
    this.send = send;
    this.items = new Map();
    this.owner = null;
    box.append(document.getElementById("phone-template").content.cloneNode(true));
    this.chat = box.querySelector(".chat");
    this.screen = box.querySelector(".screen");
    this.presence = box.querySelector(".presence");
    this.text = box.querySelector("textarea");
    this.sheet = box.querySelector(".sheet");
    this.veil = box.querySelector(".veil");
    this.attachments = box.querySelector(".attachments");
    this.attachButton = box.querySelector(".attach");
    this.file = box.querySelector("input[type=file]");
    this.prepareComposer();
    this.prepareAttachments();
    this.prepareSheet();
  }

  show(phone) {
    if (this.owner !== (phone?.id ?? null)) this.clear();
    this.owner = phone?.id ?? null;
    for (const field of this.box.querySelectorAll(".composer button, .composer textarea")) field.disabled = !phone;
    this.showPresence(phone?.typing_ms ?? 0);
    if (phone) this.showMessages(phone.messages.filter(isShown));
    else if (!this.chat.children.length) this.chat.append(make("li", "day", this.box.dataset.empty));
  }

  clear() {
    this.items.clear();
    this.chat.replaceChildren();
    this.closeSheet();
  }

  showPresence(milliseconds) {
    clearTimeout(this.typing);
    this.presence.textContent = milliseconds > 0 ? "sedang mengetik…" : "akun bisnis";
    if (milliseconds > 0) this.typing = setTimeout(() => this.showPresence(0), milliseconds);
  }

  showMessages(messages) {
    const atEnd = this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < 80;
    let grew = false;
    let lastDay = "";
    for (const message of messages) {
      const today = dayOf(message);
      if (today !== lastDay && !this.items.has(message.id)) this.chat.append(...this.daysOnce(today));
      lastDay = today;
      grew = this.showMessage(message) || grew;
    }
    if (grew && (atEnd || messages.length)) this.chat.scrollTop = this.chat.scrollHeight;
  }

  daysOnce(today) {
    if (this.chat.querySelector(`[data-day="${today}"]`)) return [];
    const line = make("li", "day", today);
    line.dataset.day = today;
    return [line];
  }

  // Keeps what has not changed, so that focus stays and a screen reader does not hear it twice.
  showMessage(message) {
    // How far an office's message came is not shown: drawn anew for it, a button would lose the focus it has.
    const looks = JSON.stringify(message.from_office ? { ...message, state: null } : message);
    const known = this.items.get(message.id);
    if (known?.looks === looks) return false;
    const item = messageItem(message, this);
    if (known) known.item.replaceWith(item);
    else this.chat.append(item);
    this.items.set(message.id, { item, looks });
    return !known;
  }

  tap(message, option) {
    this.send("tap", { message: message.id, option: option.id });
  }

  prepareComposer() {
    const form = this.box.querySelector(".composer");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.text.value;
      if (!text.trim()) return this.text.focus();
      this.text.value = "";
      this.fit();
      this.send("text", { text });
    });
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    this.text.addEventListener("input", () => this.fit());
  }

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, 140)}px`;
  }

  prepareAttachments() {
    this.attachButton.addEventListener("click", () => this.toggleAttachments(this.attachments.hidden));
    this.attachments.addEventListener("click", async (event) => {
      const kind = event.target.dataset.attach;
      if (!kind) return;
      this.toggleAttachments(false);
      if (kind === "device") this.file.click();
      else if (kind === "sample") this.send("image", await samplePicture());
      else this.send(kind, {});
    });
    this.attachments.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.toggleAttachments(false);
    });
    this.file.addEventListener("change", () => {
      if (this.file.files.length) this.send("image", this.file.files[0]);
      this.file.value = "";
    });
  }

  toggleAttachments(open) {
    this.attachments.hidden = !open;
    this.attachButton.setAttribute("aria-expanded", String(open));
    (open ? this.attachments.querySelector("button") : this.attachButton).focus();
  }

  prepareSheet() {
    this.sheet.querySelector(".close").addEventListener("click", () => this.closeSheet());
    this.veil.addEventListener("click", () => this.closeSheet());
    this.sheet.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.closeSheet();
    });
  }

  openList(message, opener) {
    this.opener = opener;
    this.sheet.querySelector(".sheet-title").textContent = message.list_label;
    this.sheet.setAttribute("aria-label", message.list_label);
    this.sheet.querySelector(".sheet-rows").replaceChildren(...this.rowsOf(message));
    this.setSheet(true);
    this.sheet.querySelector(".sheet-rows button").focus();
  }

  rowsOf(message) {
    const rows = [];
    let section = "";
    for (const option of message.options) {
      if (option.section !== section) rows.push(make("h3", "", option.section));
      section = option.section;
      const row = make("button", "row", make("span", "row-title", option.title));
      if (option.description) row.append(make("span", "row-description", option.description));
      row.addEventListener("click", () => {
        this.closeSheet();
        this.tap(message, option);
      });
      rows.push(row);
    }
    return rows;
  }

  closeSheet() {
    if (this.sheet.hidden) return;
    this.setSheet(false);
    this.opener?.focus();
  }

  setSheet(open) {
    this.sheet.hidden = !open;
    this.veil.hidden = !open;
    this.screen.inert = open;
  }
}
