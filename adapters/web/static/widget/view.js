// ---- what is seen -------------------------------------------------------------------------------------------------

const UNSENT = 1e15;
const rank = (item) => item.rank ?? (item.seq ? item.era * 1e9 + item.seq : UNSENT);
const isAnswer = (item) => item.from === "bot" || item.from === "agent";
const spoken = (lang) => (/^zh/i.test(lang) ? "zh" : "en");
const isSameVoice = (one, other) =>
  one?.from === other.from && one.name === other.name && new Date(other.at) - new Date(one.at) < 300_000;

class Widget {
  constructor() {
    const wanted = memory.read().lang || SETTINGS.lang || document.documentElement.lang || navigator.language;
    this.lang = spoken(wanted);
    this.items = []; // what the log shows
    this.era = 0; // one more for each chat that took a lost one's place: numbers begin again
    this.labels = []; // [node, attribute, key]: written anew in another language
    this.chat = new Chat(this, wanted);
    this.build();
    this.attach();
    this.react();
    this.write();
    this.chat.follow();
  }

  text(key, values = {}) {
    return TEXTS[this.lang][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  build() {
    const named = (node, key, attribute = "aria-label") => (this.labels.push([node, attribute, key]), node);
    this.title = el("h2", { class: "title", id: "title" });
    this.stateLine = el("div", { class: "state" });
    this.switch = named(button({ onclick: () => this.switchLanguage() }), "otherLabel");
    const close = named(button({ onclick: () => this.close() }, icon("M6 6l12 12M18 6L6 18")), "close");
    this.typing = el("div", { class: "typing", "aria-hidden": true, hidden: "" }, el("i"), el("i"), el("i"));
    this.painter = new Painter(this, new Shelf(this.text.bind(this), this.chat));
    this.tray = new Tray(this.text.bind(this), () => this.fitInput());
    this.log = named(el("div", { class: "log", role: "log", tabindex: 0 }, this.typing), "log");
    this.statusLine = el("div", { class: "status", role: "status" });
    this.input = named(el("textarea", { rows: 1, enterkeyhint: "send", autocomplete: "off" }), "write");
    named(this.input, "write", "placeholder");
    this.sendButton = named(el("button", { class: "send" }, icon("M12 19V5M5 12l7-7 7 7", 20)), "send");
    named(named(this.tray.button, "attach"), "attach", "title");
    this.form = el("form", {}, this.tray.button, this.input, this.sendButton);
    const header = el("header", {}, el("div", { class: "names" }, this.title, this.stateLine), this.switch, close);
    const dialog = { class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: -1, hidden: "" };
    this.panel = el("section", dialog, header, this.log, this.statusLine, this.tray.node, this.form);
    named(this.panel, "drop", "data-drop");
    this.badge = el("span", { class: "badge", hidden: "" });
    const onclick = () => (this.isOpen ? this.close() : this.open());
    const balloon = icon("M21 12a8 8 0 0 1-8 8H4l2-3.5A8 8 0 1 1 21 12z", 28);
    this.launcher = button({ class: "launcher", onclick }, balloon, this.badge);
    this.root = el("div", { class: "root" }, this.panel, this.launcher);
  }

  attach() {
    const host = el("frontdesk-widget");
    this.shadow = host.attachShadow({ mode: "open" });
    try {
      const sheet = new CSSStyleSheet(); // allowed even where a page's policy forbids inline styles
      sheet.replaceSync(STYLE);
      this.shadow.adoptedStyleSheets = [sheet];
    } catch {
      this.shadow.append(el("style", {}, STYLE));
    }
    paint(this.root);
    this.shadow.append(this.root);
    document.body.append(host);
  }

  react() {
    const submit = (event) => (event.preventDefault(), this.submit(this.input.value, this.tray.take()));
    this.form.addEventListener("submit", submit);
    this.input.addEventListener("input", () => this.fitInput());
    // While a Chinese word is being composed, Enter accepts it. Safari ends composing first, but calls the key 229.
    const isComposing = (event) => event.isComposing || event.keyCode === 229;
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !isComposing(event)) submit(event);
    });
    this.tray.listen(this.input, this.panel);
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !isComposing(event)) this.close();
      if (event.key === "Tab" && matchMedia(SMALL).matches) this.keepFocus(event);
    });
    // To the page our keys come from no text field; it would take them for its shortcuts.
    const keep = (event) => event.stopPropagation();
    for (const type of ["keydown", "keypress", "keyup"]) this.root.addEventListener(type, keep);
    for (const type of ["resize", "scroll"]) window.visualViewport?.addEventListener(type, () => this.fitPanel());
    document.addEventListener("visibilitychange", () => this.attend());
  }

  /** Write everything that is in a language. */
  write() {
    this.root.lang = this.lang === "zh" ? "zh-CN" : "en";
    for (const [node, attribute, key] of this.labels) node.setAttribute(attribute, this.text(key));
    this.title.textContent = SETTINGS.title || this.text("title");
    this.switch.textContent = this.text("other");
    this.log.setAttribute("aria-live", "off"); // the same again is no news
    this.arrange(...this.items);
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 500);
    this.stateIs(this.chat.state);
    this.showStatus();
    this.showUnread();
    this.tray.draw();
  }

  // -- opening and closing

  get isOpen() { return !this.panel.hidden; }

  get isAtEnd() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80; }

  open(takeFocus = true) {
    this.panel.hidden = false;
    this.attend();
    this.fitPanel();
    this.fitInput();
    this.log.scrollTop = this.log.scrollHeight;
    if (takeFocus) this.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.panel.hidden = true;
    this.attend();
    this.launcher.focus();
  }

  /** Into the text box, except where that would pull up a keyboard over half of the screen. */
  focus() {
    (matchMedia("(pointer: coarse)").matches ? this.panel : this.input).focus({ preventScroll: true });
  }

  /** Where the panel fills the screen, Tab goes round in it. */
  keepFocus(event) {
    const all = [...this.panel.querySelectorAll("button:enabled, textarea, a[href], [tabindex='0']")];
    const [from, to] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
    if (this.shadow.activeElement !== from) return;
    event.preventDefault();
    to.focus();
  }

  attend() {
    this.isAttended = this.isOpen && document.visibilityState === "visible";
    this.chat.attend(this.isAttended);
    this.showUnread();
  }

  fitInput() {
    this.sendButton.disabled = !this.input.value.trim() && !this.tray.chosen.length;
    this.input.style.height = "auto";
    if (this.isOpen) this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }

  /** A phone's keyboard covers a part of the window; the panel fills what is left. */
  fitPanel() {
    const seen = matchMedia(SMALL).matches && window.visualViewport;
    this.panel.style.height = seen ? `${seen.height}px` : "";
    this.panel.style.top = seen ? `${seen.offsetTop}px` : "";
    this.panel.setAttribute("aria-modal", Boolean(seen));
  }

  // -- what the contact does

  submit(text, attachments) {
    if (!text.trim() && !attachments) return;
    if (text === this.input.value) this.input.value = "";
    this.fitInput();
    this.say({ text: text.trim(), attachments });
  }

  say(what) {
    const item = { id: newId(), from: "contact", at: new Date(), ...what };
    this.items.push(item);
    this.deliver(item);
  }

  deliver(item) {
    Object.assign(item, { isWaiting: true, problem: null, progress: null });
    this.chat.send(item);
    this.arrange(item);
    this.awaitAnswer();
    this.log.scrollTop = this.log.scrollHeight;
  }

  ask(text, lang) {
    if (lang && spoken(lang) !== this.lang) this.speak(spoken(lang));
    this.submit(String(text)); // before opening: then the chat begins with the question, not with a greeting
    this.open();
  }

  press(item, { label, value }) {
    item.used = value;
    this.say({ text: label, choice: value });
    this.arrange(item);
    this.focus();
  }

  edit(item) {
    this.remove(item);
    this.input.value = [item.text, this.input.value].filter(Boolean).join("\n");
    this.tray.put(item.attachments);
    this.input.focus();
  }

  speak(lang) {
    this.lang = this.chat.lang = lang;
    this.write();
  }

  /** Our own words change at once; the bot's by the choice that its own language buttons send. */
  switchLanguage() {
    this.speak(this.lang === "en" ? "zh" : "en");
    memory.write({ lang: this.lang });
    if (!this.chat.token || this.chat.isWithPeople) return; // to a person it would only be noise
    this.chat.send({ id: newId(), choice: `language:${this.lang}`, isSilent: true });
    this.awaitAnswer();
  }

  // -- what the chat tells

  awaitAnswer() {
    if (this.chat.isWithPeople) return;
    clearTimeout(this.typingTimer);
    this.typing.hidden = false;
    this.typingTimer = setTimeout(() => (this.typing.hidden = true), TYPING);
  }

  show(messages) {
    if (!messages.length) return;
    const { log, isAtEnd } = this;
    const shown = messages.map((message) => this.place(message));
    const first = shown.find(isAnswer);
    if (first) this.typing.hidden = true;
    this.arrange(...shown);
    this.showUnread();
    // The beginning of an answer should be seen, a history from its end.
    if (isAtEnd) log.scrollTop = first && shown.length < 4 ? first.node.offsetTop - 12 : log.scrollHeight;
  }

  /** The item of a message of the server's. It may be shown already, as the contact wrote it, with a secret in it. */
  place(message) {
    const known = this.items.find((item) => item.era === this.era && item.seq === message.seq);
    if (known) return Object.assign(known, message);
    return this.items[this.items.push({ ...message, era: this.era, token: this.chat.token }) - 1];
  }

  /** Messages that were edited or deleted after they were shown. */
  change(messages) {
    for (const message of messages) {
      const item = this.items.find((one) => one.era === this.era && one.seq === message.seq);
      const isNews = item && ["text", "edited", "deleted"].some((key) => item[key] !== message[key]);
      if (!isNews) continue; // it is told again and again to who comes back
      if (message.deleted) item.attachments = undefined;
      this.arrange(Object.assign(item, { edited: undefined, files: undefined, buttons: undefined }, message));
    }
  }

  /** How much of an item's files is through, from 0 to 1. */
  progress(item, part) {
    item.progress = Math.floor(part * 100);
    const line = item.node?.querySelector(".meta");
    if (line) line.replaceChildren(...this.painter.drawMeta(item));
  }

  settled(item) {
    const isKnown = item.seq && this.items.some((other) => other.era === this.era && other.seq === item.seq);
    if (item.problem || isKnown) this.typing.hidden = true;
    else if (this.chat.last <= item.seq) this.awaitAnswer();
    if (item.isSilent) return;
    if (isKnown) this.remove(item); // an earlier try had arrived
    else this.arrange(Object.assign(item, { isWaiting: false, era: this.era, token: this.chat.token }));
  }

  lost() {
    this.era++;
    if (this.items.some((item) => item.seq)) this.items.push({ notice: "renewed", rank: this.era * 1e9 });
    this.arrange();
  }

  stateIs(state) {
    this.stateLine.textContent = this.text(WITH_PEOPLE.includes(state) ? state : "bot");
    if (this.chat.isWithPeople) this.typing.hidden = true;
  }

  connection(line) {
    this.line = line;
    if (line === "offline") this.typing.hidden = true;
    clearTimeout(this.statusTimer); // a word that is gone before it can be read only flickers
    this.statusTimer = setTimeout(() => this.showStatus(), line === "connecting" ? 600 : 0);
  }

  tooFast(wait) {
    this.statusLine.setAttribute("aria-live", this.wait ? "off" : "polite"); // not every second
    this.wait = wait;
    this.showStatus();
  }

  showStatus() {
    const { line, wait, isAtEnd } = this;
    this.statusLine.hidden = !line && !wait;
    this.statusLine.textContent = wait ? this.text("fast", { n: wait }) : line ? this.text(line) : "";
    if (isAtEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  showUnread() {
    const { last } = this.chat;
    if (this.isAttended && last > (memory.read().seen || 0)) memory.write({ seen: last });
    const seen = memory.read().seen || 0;
    const unread = this.items.filter((item) => isAnswer(item) && item.era === this.era && item.seq > seen).length;
    const hasNews = !this.isOpen && unread > 0;
    this.badge.hidden = !hasNews;
    this.badge.textContent = unread;
    const name = this.text(this.isOpen ? "close" : "launch");
    this.launcher.setAttribute("aria-label", hasNews ? `${name} (${this.text("unread", { n: unread })})` : name);
    this.launcher.setAttribute("aria-expanded", this.isOpen);
  }

  // -- drawing

  /** Put the log in order and draw what is new or `changed`. Only the newest answer's buttons still count. */
  arrange(...items) {
    const changed = new Set(items);
    const focused = this.shadow.activeElement;
    const newest = this.items.sort((a, b) => rank(a) - rank(b)).filter(isAnswer).at(-1);
    let before = null;
    for (const item of this.items) {
      if (!item.node || changed.has(item)) this.redraw(item);
      const next = before ? before.node.nextSibling : this.log.firstChild;
      if (next !== item.node) this.log.insertBefore(item.node, next);
      item.node.classList.toggle("joined", isSameVoice(before, item));
      for (const choice of item.node.querySelectorAll(".choices button"))
        choice.disabled = item !== newest || item.era !== this.era || Boolean(item.used);
      before = item;
    }
    if (focused?.disabled || (focused && !focused.isConnected)) this.focus();
  }

  remove(item) {
    this.items.splice(this.items.indexOf(item), 1);
    item.node.remove();
    this.arrange();
  }

  redraw(item) {
    const old = item.node;
    item.node = item.notice ? el("div", { class: "notice" }, this.text(item.notice)) : this.painter.draw(item);
    old?.replaceWith(item.node);
  }
}
