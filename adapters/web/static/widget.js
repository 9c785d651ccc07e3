/* Frontdesk's chat widget: one script, no dependencies, no build step.
 *
 *   <script src="https://support.example.com/widget.js" data-lang="en" data-title="Support"
 *           data-accent="#0b6e4f" data-open="false" defer></script>
 *
 * window.Frontdesk = {open(), ask(text, lang?), close()}; an element with data-frontdesk-ask="..." asks when pressed.
 * Everything lives in a Shadow DOM, so that the page's styles and ours leave each other alone. What the server sends
 * is never parsed as HTML: it only ever becomes text nodes.
 */
(() => {
  "use strict";
  if (window.Frontdesk) return; // embedded twice

  const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
  const BASE = new URL(".", script.src).href;
  const SETTINGS = script.dataset;
  const STORE_KEY = `frontdesk:${BASE}`;

  const REQUEST_TIMEOUT = 15_000;
  const FIRST_BYTES = 8_000; // a stream that stays silent for so long at its start is held back by a proxy
  const SILENCE = 40_000; // the server says "still here" every 15 s; later than this the line is dead
  const RESEND_AFTER = [1_000, 2_000, 4_000]; // then the message is shown as not sent
  const STREAM_SOON = 5_000;
  const STREAM_LATER = 60_000;
  const POLL = 3_000;
  const POLL_FOR_AGENT = 10_000; // closed or hidden, but a person is going to answer
  const POLL_ASIDE = 60_000; // closed or hidden: open streams would use up the browser's connections to the server
  const LONGEST_BACKOFF = 30_000;
  const TYPING = 10_000;
  const WITH_PEOPLE = ["waiting", "with agent"]; // the states in which the bot is silent
  const REFUSALS = ["too_long", "too_large", "empty"]; // codes of the server's that have a text of their own

  const SMALL = "(max-width: 480px), (max-height: 420px)"; // there the panel fills the screen

  const TEXTS = {
    en: {
      title: "Support", launch: "Open chat", close: "Close chat", unread: "{n} new", log: "Conversation",
      assistant: "Assistant", agent: "Support team", write: "Write a message", send: "Send", choices: "Choices",
      other: "中文", otherLabel: "切换为中文",
      bot: "Automatic assistant", waiting: "Waiting for a person", "with agent": "A person is with you",
      connecting: "Connecting…", offline: "No connection. Trying again…",
      fast: "That was a bit fast. Sending it in {n} s…",
      you: "You", sending: "Sending…", network: "Not sent.", retry: "Try again", edit: "Edit",
      too_long: "Too long: {n} characters at most.", too_large: "Too long to be sent in one message.",
      empty: "There is nothing to read in this message.", refused: "This message can't be sent like this.",
      renewed: "Your earlier chat has expired. This is a new one.",
    },
    zh: {
      title: "在线客服", launch: "打开对话", close: "关闭对话", unread: "{n} 条新消息", log: "对话内容",
      assistant: "智能助手", agent: "人工客服", write: "请输入您的问题", send: "发送", choices: "可选项",
      other: "English", otherLabel: "Switch to English",
      bot: "智能助手", waiting: "正在等待人工客服", "with agent": "人工客服正在为您服务",
      connecting: "正在连接…", offline: "网络已断开，正在重新连接…",
      fast: "发送得有点快，{n} 秒后自动重发…",
      you: "我", sending: "发送中…", network: "未发送。", retry: "重试", edit: "修改",
      too_long: "消息太长，最多 {n} 个字符。", too_large: "消息太长，请分成几条发送。",
      empty: "这条消息没有可读的内容。", refused: "这条消息无法发送，请修改后再试。",
      renewed: "之前的对话已过期，已为您开启新对话。",
    },
  };

  const STYLE = `
  :host { all: initial; }
  * { box-sizing: border-box; }
  [hidden] { display: none !important; }
  .root { --back: #fff; --bubble: #f1f3f5; --ink: #1b1f24; --soft: #59616b; --line: #d9dee4; --wrong: #b3261e;
    --link: var(--link-light); --right: calc(20px + env(safe-area-inset-right)); color-scheme: light; color: var(--ink);
    font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC",
    sans-serif; -webkit-text-size-adjust: 100%; }
  button, textarea { font: inherit; color: inherit; margin: 0; }
  button { cursor: pointer; border: 0; background: none; padding: 0; -webkit-tap-highlight-color: transparent; }
  button:disabled { cursor: default; }
  :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
  svg { display: block; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; }
  .launcher, .panel { position: fixed; z-index: 2147483000; right: var(--right); }
  .launcher, .send, header button { display: grid; place-items: center; }
  .launcher, .send, header { background: var(--accent); color: var(--on-accent); }

  .launcher { bottom: calc(20px + env(safe-area-inset-bottom)); width: 56px; height: 56px; border-radius: 50%;
    box-shadow: 0 2px 6px #0003, 0 8px 24px #0003; transition: transform .15s; }
  .launcher:hover { transform: scale(1.05); }
  .badge { position: absolute; top: -2px; right: -2px; min-width: 20px; padding: 0 6px; border-radius: 10px;
    background: #b3261e; color: #fff; font-size: 12px; line-height: 20px; font-weight: 600; text-align: center; }
  .panel { bottom: calc(88px + env(safe-area-inset-bottom)); width: 392px; height: min(640px, calc(100vh - 108px));
    display: flex; flex-direction: column; overflow: hidden; border-radius: 16px; background: var(--back);
    border: 1px solid var(--line); box-shadow: 0 4px 12px #0002, 0 16px 48px #0003; animation: rise .18s ease-out; }
  .panel:focus { outline: none; }
  @keyframes rise { from { opacity: 0; transform: translateY(12px); } }

  header { display: flex; align-items: center; gap: 4px; padding: 12px 10px 12px 18px; }
  header :focus-visible { outline-color: var(--on-accent); outline-offset: -2px; }
  header button { height: 40px; min-width: 40px; padding: 0 10px; border-radius: 8px; font-size: 14px; }
  header button:hover { background: #7f7f7f40; }
  .names { flex: 1; min-width: 0; }
  .title { font-size: 16px; line-height: 1.3; margin: 0; overflow: hidden; white-space: nowrap;
    text-overflow: ellipsis; }
  .state { font-size: 13px; line-height: 1.4; }

  .log { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 16px; position: relative; }
  .log:focus-visible { outline-offset: -3px; }
  .message { display: flex; flex-direction: column; align-items: flex-start; margin-top: 16px; }
  .message:first-child { margin-top: 0; }
  .message.joined { margin-top: 6px; }
  .who { font-size: 13px; color: var(--soft); margin: 0 0 3px 2px; }
  .joined .who, .contact .who { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .agent .who { color: var(--link); font-weight: 600; }
  .bubble { max-width: 90%; padding: 9px 13px; border-radius: 4px 14px 14px; background: var(--bubble);
    overflow-wrap: anywhere; }
  .agent .bubble { background: var(--tint); border-left: 3px solid var(--link); }
  .contact { align-items: flex-end; }
  .contact .bubble { background: var(--accent); color: var(--on-accent); border-radius: 14px 14px 4px;
    white-space: pre-wrap; }
  .failed .bubble { background: none; color: inherit; box-shadow: inset 0 0 0 1px var(--wrong); }
  .meta { font-size: 12px; color: var(--soft); margin: 3px 2px 0; font-variant-numeric: tabular-nums; }
  .failed .meta { color: var(--wrong); }
  .meta button { text-decoration: underline; text-underline-offset: 2px; padding: 4px; font-weight: 600; }
  .notice { margin: 20px 0; font-size: 13px; color: var(--soft); text-align: center; }

  :is(p, ul, ol, pre) { margin: 8px 0 0; }
  :is(.bubble, li) > :first-child { margin-top: 0; }
  :is(ul, ol) { padding-left: 22px; }
  li + li { margin-top: 3px; }
  a { color: var(--link); text-underline-offset: 2px; }
  code { font: .9em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: #7f7f7f2b;
    border-radius: 4px; padding: 1px 4px; }
  pre { overflow-x: auto; padding: 8px 10px; border-radius: 6px; background: #7f7f7f24; }
  pre code { background: none; padding: 0; white-space: pre; }

  .choices { display: flex; flex-wrap: wrap; gap: 8px; margin: 10px 0 4px; }
  .choices button { border: 1px solid var(--link); color: var(--link); border-radius: 18px; padding: 6px 14px;
    min-height: 36px; text-align: left; font-size: 14px; line-height: 1.35; overflow-wrap: anywhere; }
  .choices button:disabled { border-color: var(--line); color: var(--soft); min-height: 0; padding: 2px 11px;
    font-size: 13px; }
  .choices button:hover:enabled, .choices .chosen { background: var(--tint); }
  .typing { display: flex; gap: 5px; width: fit-content; margin-top: 16px; padding: 14px; background: var(--bubble);
    border-radius: 4px 14px 14px; }
  .typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--soft); animation: wait 1.2s infinite; }
  .typing i:nth-child(2) { animation-delay: .15s; }
  .typing i:nth-child(3) { animation-delay: .3s; }
  @keyframes wait { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }

  .status { padding: 4px 18px; font-size: 13px; color: var(--soft); }
  form { display: flex; align-items: flex-end; gap: 8px; border-top: 1px solid var(--line);
    padding: 10px 12px calc(10px + env(safe-area-inset-bottom)); }
  textarea { flex: 1; min-width: 0; resize: none; border: 1px solid var(--line); border-radius: 20px; padding: 8px 14px;
    background: var(--back); font-size: 16px; line-height: 1.4; max-height: 148px; }
  textarea::placeholder { color: var(--soft); opacity: 1; }
  textarea:focus { outline: none; border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
  .send { flex: none; width: 40px; height: 40px; border-radius: 50%; }
  .send:disabled { background: var(--bubble); color: var(--soft); }

  @media (prefers-color-scheme: dark) {
    .root { --back: #16181b; --bubble: #262a2f; --ink: #e8eaed; --soft: #a5adb8; --line: #3a4047; --wrong: #ffb4ab;
      --link: var(--link-dark); color-scheme: dark; }
  }
  @media ${SMALL} {
    .panel { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; }
    .panel:not([hidden]) ~ .launcher { display: none; }
    header { padding: calc(8px + env(safe-area-inset-top)) 8px 8px 16px; }
    header button, .choices button { min-height: 44px; }
  }
  @media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
  @media print { .root { display: none; } }`;

  // ---- small helpers ------------------------------------------------------------------------------------------------

  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "onclick") node.addEventListener("click", value);
      else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  const button = (attributes, ...inside) => el("button", { type: "button", ...attributes }, ...inside);

  function icon(path, size = 22) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const attributes = { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": true };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    svg.appendChild(document.createElementNS(svg.namespaceURI, "path")).setAttribute("d", path);
    return svg;
  }

  /** An id that makes repeating a message safe. randomUUID exists only on https pages and localhost. */
  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /** Like `promise`, but fails after `ms`. */
  function within(ms, promise) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("timeout")), ms);
      promise.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  /** What outlives the page: {token, seen, lang}. Some browsers refuse storage; then it lasts as long as the page. */
  const memory = {
    values: {},
    read() {
      try {
        return JSON.parse(localStorage.getItem(STORE_KEY)) || this.values;
      } catch {
        return this.values;
      }
    },
    write(change) {
      this.values = { ...this.read(), ...change };
      try {
        localStorage.setItem(STORE_KEY, JSON.stringify(this.values));
      } catch {} // kept in `values`
    },
  };

  // ---- colours: whatever the accent is, text stays readable ---------------------------------------------------------

  function rgbOf(color) {
    const probe = document.head.appendChild(el("meta")); // the browser knows all the ways to write a colour
    probe.style.color = "#0b6e4f";
    if (color) probe.style.color = color; // what is no colour changes nothing
    const found = getComputedStyle(probe).color.match(/[\d.]+/g);
    probe.remove();
    return found.slice(0, 3).map(Number);
  }

  /** The contrast of WCAG 2, 1 to 21. */
  function contrast(...colors) {
    const linear = (c) => (c <= 10 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const [dark, light] = colors.map(luminance).sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }

  /** The accent as a colour of text on `back`: moved towards black (0) or white (255) until it can be read. */
  function readable(rgb, back, towards) {
    const step = (c) => Math.round(c + (towards - c) * 0.1);
    for (let steps = 0; steps < 40 && contrast(rgb, back) < 4.6; steps++) rgb = rgb.map(step);
    return `rgb(${rgb.join()})`;
  }

  function paint(root) {
    const accent = rgbOf(SETTINGS.accent);
    const colors = {
      "--accent": `rgb(${accent.join()})`,
      "--on-accent": contrast(accent, [255, 255, 255]) >= 4.5 ? "#fff" : "#000",
      "--tint": `rgba(${accent.join()}, .13)`,
      "--link-light": readable(accent, [222, 228, 230], 0), // the darkest and the lightest that it may stand on
      "--link-dark": readable(accent, [54, 60, 66], 255),
    };
    for (const [name, value] of Object.entries(colors)) root.style.setProperty(name, value);
  }

  // ---- Markdown: text nodes and a dozen harmless elements -----------------------------------------------------------

  const FENCE = /^ {0,3}(```+|~~~+)/;
  const ITEM = /^( *)([-*+]|\d{1,3}[.)]) +(\S.*)$/;
  const DEEPEST = 5; // lists in lists; what is deeper stays text
  const WIDE = "[\u2e80-\u9fff\uff00-\uffef]"; // Chinese, and its punctuation
  const INLINE = new RegExp(
    [
      /\\([\\`*_[\]()#+.!-])/, // 1 an escaped character
      /`([^`\n]+)`/, // 2 code
      /\*\*(\S(?:[^]{0,999}?\S)??)\*\*(?!\*)/, // 3 bold
      /\*([^\s*](?:[^*]{0,999}[^\s*])?)\*/, // 4 italic
      /\[([^[\]\n]{1,300})\]\((https?:\/\/[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)\)/, // 5, 6 a link with a text
      /(https?:\/\/[^\s<>"'`*，。；：！？、（）【】《》“”]+)/, // 7 a bare address
      /(\n)/, // 8
    ].map((part) => part.source).join("|"),
    "gi",
  );

  const markdown = (text, parent, isWrapped) => blocks(text.replace(/\r\n?/g, "\n").split("\n"), parent, isWrapped, 0);

  function blocks(lines, parent, isWrapped, depth) {
    for (let i = 0; i < lines.length; ) {
      if (!lines[i].trim()) i++;
      else if (FENCE.test(lines[i])) i = fence(lines, i, parent);
      else if (depth < DEEPEST && ITEM.test(lines[i])) i = list(lines, i, parent, isWrapped, depth);
      else i = paragraph(lines, i, parent, isWrapped);
    }
  }

  function fence(lines, i, parent) {
    const mark = FENCE.exec(lines[i])[1];
    const start = ++i;
    while (i < lines.length && !lines[i].trim().startsWith(mark)) i++;
    parent.append(el("pre", { tabindex: 0 }, el("code", {}, lines.slice(start, i).join("\n"))));
    return i + 1;
  }

  function list(lines, i, parent, isWrapped, depth) {
    const [, indent, mark] = ITEM.exec(lines[i]);
    const inset = indent.length + 2;
    const isNumber = (some) => /\d/.test(some);
    const items = [];
    for (; i < lines.length; i++) {
      const found = ITEM.exec(lines[i]);
      const column = lines[i].search(/\S/);
      const isDeeper = column > indent.length + 1;
      if (found && !isDeeper && isNumber(found[2]) === isNumber(mark)) items.push([found[3]]);
      else if (column < 0) items.at(-1).push("");
      else if (isDeeper || (!found && lines[i - 1].trim())) items.at(-1).push(lines[i].slice(Math.min(inset, column)));
      else break;
    }
    const node = parent.appendChild(isNumber(mark) ? el("ol", { start: parseInt(mark, 10) }) : el("ul"));
    for (const item of items) blocks(item, node.appendChild(el("li")), isWrapped, depth + 1);
    return i;
  }

  function paragraph(lines, i, parent, isWrapped) {
    const start = i++;
    // A list needs no empty line before it; but a line that only happens to begin with "15. " is no list.
    const isNext = (line) => !line.trim() || FENCE.test(line) || /^ *([-*+]|1[.)]) +\S/.test(line);
    while (i < lines.length && !isNext(lines[i])) i++;
    const some = lines.slice(start, i).map((line) => line.trim());
    inline(isWrapped ? unwrap(some) : some.join("\n"), parent.appendChild(el("p")));
    return i;
  }

  /** Knowledge files are wrapped by editors: a long line that ends within a sentence goes on in the next one. */
  function unwrap(lines) {
    return lines.reduce((text, line) => {
      const last = text.slice(text.lastIndexOf("\n") + 1);
      const isLong = last.replace(new RegExp(WIDE, "g"), "xx").length >= 60;
      if (!isLong || /[.!?:。！？：]\W*$/.test(last)) return `${text}\n${line}`;
      return text + (new RegExp(`${WIDE}$`).test(text) ? "" : " ") + line; // Chinese has no spaces
    });
  }

  function inline(text, parent) {
    let done = 0;
    for (const found of text.matchAll(INLINE)) {
      parent.append(text.slice(done, found.index));
      done = found.index + found[0].length - span(found, parent);
    }
    parent.append(text.slice(done));
  }

  /** Append what was found. Returns how many of its last characters do not belong to it. */
  function span([, escaped, code, bold, italic, label, target, address], parent) {
    const link = (href, text) => el("a", { href, target: "_blank", rel: "noopener noreferrer" }, text);
    const url = address?.replace(/[.,;:!?)\]]+$/, ""); // a sentence's own punctuation
    if (bold || italic) inline(bold || italic, parent.appendChild(el(bold ? "strong" : "em")));
    else if (escaped) parent.append(escaped);
    else if (code) parent.append(el("code", {}, code));
    else if (label) parent.append(link(target, label));
    else parent.append(url ? link(url, url) : el("br"));
    return url ? address.length - url.length : 0;
  }

  // ---- the conversation with the server -----------------------------------------------------------------------------

  class Refusal extends Error {
    constructor(response, error, token) {
      super(error?.message || `HTTP ${response.status}`);
      const wait = Math.min(Number(response.headers.get("Retry-After")) || 0, 3600);
      Object.assign(this, { status: response.status, code: error?.code, token, wait });
    }
  }

  async function request(path, { token, body, signal } = {}) {
    const options = { method: "GET", headers: {}, signal, cache: "no-store", credentials: "omit" };
    if (token) options.headers.Authorization = `Bearer ${token}`;
    if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body) });
    if (body) options.headers["Content-Type"] = "application/json";
    const response = await fetch(BASE + path, options);
    if (response.ok) return response;
    const refused = await response.json().catch(() => null); // a proxy may answer with HTML
    throw new Refusal(response, refused?.error, token);
  }

  const call = (path, options) => within(REQUEST_TIMEOUT, request(path, options).then((response) => response.json()));

  /** The `data` of server-sent events; null whenever anything comes, which says that the line is alive. */
  async function* events(reader) {
    const decoder = new TextDecoder();
    let [rest, data] = ["", []];
    for (let patience = FIRST_BYTES; ; patience = SILENCE) {
      const { done, value } = await within(patience, reader.read());
      if (done) return;
      yield null;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop();
      for (const line of lines.map((some) => some.replace(/\r$/, ""))) {
        if (line.startsWith("data:")) data.push(line.slice(5));
        else if (!line && data.length) yield data.splice(0).join("\n");
      }
    }
  }

  /** One conversation: opened when needed, followed, and spoken to in order, each message once. `on` is the widget. */
  class Chat {
    constructor(on, lang) {
      Object.assign(this, { on, lang, token: memory.read().token, state: "new", last: 0, isLoaded: false });
      this.queue = []; // what the contact said; the first one is on its way
      this.held = []; // the contact's messages that came in meanwhile: is it that one, or another tab's?
      this.isAttended = false; // the panel is open and the page in sight
      this.failures = 0;
      this.noStreamUntil = 0;
      this.wake = () => {};
      addEventListener("online", () => this.wake());
      addEventListener("offline", () => this.check());
    }

    get isWithPeople() { return WITH_PEOPLE.includes(this.state); }

    attend(isAttended) {
      if (this.isAttended === isAttended) return;
      this.isAttended = isAttended;
      this.stopStream?.abort();
      this.wake();
    }

    rest(ms) {
      return new Promise((resolve) => {
        this.wake = resolve;
        if (ms < Infinity) setTimeout(resolve, ms);
      });
    }

    /** The one loop that follows the conversation, as long as the page lives. */
    async follow() {
      for (;;) {
        try {
          if (this.token || this.isAttended) await this.listen();
          else await this.rest(Infinity);
        } catch (error) {
          if (error.name !== "AbortError") await this.recover(error); // else we stopped the stream ourselves
        }
      }
    }

    async recover(error) {
      if (error.status === 401) this.lose(error.token);
      const backoff = Math.min(LONGEST_BACKOFF, 1000 * 2 ** this.failures++) * (0.75 + Math.random() / 2);
      if (error.status === 401 && this.failures === 1) return; // to a new chat at once, but not in a circle
      this.on.connection("offline");
      await this.rest(Math.max(backoff, (error.wait || 0) * 1000));
    }

    async listen() {
      const mayStream = () => this.isAttended && Date.now() >= this.noStreamUntil;
      if (!this.isLoaded) this.on.connection("connecting");
      await this.open();
      if (this.isLoaded && mayStream()) return this.stream();
      await this.poll();
      if (!mayStream()) await this.rest(this.isAttended ? POLL : this.isWithPeople ? POLL_FOR_AGENT : POLL_ASIDE);
    }

    /** Something didn't get through: the stream may not know yet. Following anew tells. */
    check() {
      this.on.connection("offline");
      this.stopStream?.abort();
      this.wake();
    }

    connected() {
      this.failures = 0;
      this.on.connection(null);
    }

    async poll() {
      const { token } = this;
      for (let found; !found || found.messages.length; this.take(found.messages, found.state)) {
        found = await call(`api/chat/messages?after=${this.last}`, { token });
        if (token !== this.token) return;
      }
      this.isLoaded = true;
      this.connected();
    }

    async stream() {
      const { token } = this;
      const { signal } = (this.stopStream = new AbortController());
      let isAlive = false;
      try {
        const response = await within(FIRST_BYTES, request(`api/chat/stream?after=${this.last}`, { token, signal }));
        for await (const data of events(response.body.getReader())) {
          if (token !== this.token) return;
          if (!isAlive) this.connected();
          isAlive = true;
          if (data) this.takeEvent(JSON.parse(data));
        }
        await this.rest(500); // the server ends its streams when it stops
      } catch (error) {
        if (isAlive || error.status === 401 || error.name === "AbortError") throw error;
        // Streams may not get through where plain questions do; asking tells. A TypeError may be the network's.
        this.noStreamUntil = Date.now() + (error.name === "TypeError" ? STREAM_SOON : STREAM_LATER);
      } finally {
        this.stopStream.abort();
      }
    }

    takeEvent({ state, ...message }) {
      this.take([message], state);
    }

    take(messages, state) {
      const fresh = messages.filter((message) => message.seq > this.last);
      if (fresh.length) this.last = fresh.at(-1).seq;
      if (state !== this.state) this.on.stateIs((this.state = state));
      const isHeld = (message) => message.from === "contact" && this.queue.length > 0;
      this.held.push(...fresh.filter(isHeld));
      this.on.show(fresh.filter((message) => !isHeld(message)));
    }

    /** A chat to talk in: ours, the one that another tab has opened meanwhile, or a new one. */
    async open() {
      if (!this.token) await (this.opening ??= this.begin().finally(() => (this.opening = null)));
    }

    async begin() {
      let { token } = memory.read();
      if (!token) {
        const greet = !this.queue.length; // who comes with a question wants the answer
        ({ token } = await call("api/chat", { body: { lang: this.lang, greet } }));
        memory.write({ token, seen: 0 });
        if (greet) this.on.awaitAnswer();
      }
      Object.assign(this, { token, last: 0, isLoaded: false });
      this.wake();
    }

    /** The server doesn't know this token any more. */
    lose(token) {
      if (this.token !== token) return; // replaced already
      if (memory.read().token === token) memory.write({ token: null });
      this.token = null;
      this.stopStream?.abort();
      this.on.lost();
    }

    async send(item) {
      if (this.queue.push(item) > 1) return; // the loop below is running
      while (this.queue.length) {
        const [current] = this.queue;
        await this.deliver(current);
        // What waits behind a message that didn't get through must not overtake it.
        const { problem } = current;
        const done = this.queue.splice(0, problem === "network" ? Infinity : 1);
        for (const one of done) this.on.settled(Object.assign(one, { problem }));
        this.on.show(this.held.splice(0));
      }
    }

    /** Try until it is stored, refused for good, or given up: then `item` has a `problem`. */
    async deliver(item) {
      const { id, text, choice } = item;
      const body = choice ? { id, choice } : { id, text };
      for (let tries = 0, renewals = 0; ; ) {
        try {
          await this.open();
          item.seq = (await call("api/chat/messages", { token: this.token, body })).seq;
          return;
        } catch (error) {
          if (error.status === 401 && renewals++ < 2) this.lose(error.token);
          else if (error.status === 429) await this.slowDown(error.wait || 2);
          else if (error.status >= 400 && error.status < 500) return this.refuse(item, error);
          else if ((item.seq = this.held.find((one) => one.text === text)?.seq)) return; // only the answer was lost
          else if (tries < RESEND_AFTER.length) await sleep(Math.max(RESEND_AFTER[tries++], (error.wait || 0) * 1000));
          else return void (item.problem = "network");
          if (!error.status && tries === 1) this.check();
        }
      }
    }

    refuse(item, { code, message }) {
      item.problem = REFUSALS.includes(code) ? code : "refused";
      item.limit = message.match(/\d+/)?.[0] ?? "?";
    }

    async slowDown(seconds) {
      for (let left = Math.ceil(seconds); left >= 0; left--) {
        this.on.tooFast(left);
        if (left) await sleep(1000);
      }
    }
  }

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
      this.log = named(el("div", { class: "log", role: "log", tabindex: 0 }, this.typing), "log");
      this.statusLine = el("div", { class: "status", role: "status" });
      this.input = named(el("textarea", { rows: 1, enterkeyhint: "send", autocomplete: "off" }), "write");
      named(this.input, "write", "placeholder");
      this.sendButton = named(el("button", { class: "send" }, icon("M12 19V5M5 12l7-7 7 7", 20)), "send");
      this.form = el("form", {}, this.input, this.sendButton);
      const header = el("header", {}, el("div", { class: "names" }, this.title, this.stateLine), this.switch, close);
      const dialog = { class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: -1, hidden: "" };
      this.panel = el("section", dialog, header, this.log, this.statusLine, this.form);
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
      const submit = (event) => (event.preventDefault(), this.submit(this.input.value));
      this.form.addEventListener("submit", submit);
      this.input.addEventListener("input", () => this.fitInput());
      // While a Chinese word is being composed, Enter accepts it. Safari ends composing first, but calls the key 229.
      const isComposing = (event) => event.isComposing || event.keyCode === 229;
      this.input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !isComposing(event)) submit(event);
      });
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
      this.fitInput();
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
      this.sendButton.disabled = !this.input.value.trim();
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

    submit(text) {
      if (!text.trim()) return;
      if (text === this.input.value) this.input.value = "";
      this.fitInput();
      this.say({ text: text.trim() });
    }

    say(what) {
      const item = { id: newId(), from: "contact", at: new Date(), ...what };
      this.items.push(item);
      this.deliver(item);
    }

    deliver(item) {
      Object.assign(item, { isWaiting: true, problem: null });
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
      this.fitInput();
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
      return this.items[this.items.push({ ...message, era: this.era }) - 1];
    }

    settled(item) {
      const isKnown = item.seq && this.items.some((other) => other.era === this.era && other.seq === item.seq);
      if (item.problem || isKnown) this.typing.hidden = true;
      else if (this.chat.last <= item.seq) this.awaitAnswer();
      if (item.isSilent) return;
      if (isKnown) this.remove(item); // an earlier try had arrived
      else this.arrange(Object.assign(item, { isWaiting: false, era: this.era }));
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
      item.node = item.notice ? el("div", { class: "notice" }, this.text(item.notice)) : this.draw(item);
      old?.replaceWith(item.node);
    }

    draw(item) {
      const names = { contact: this.text("you"), bot: this.text("assistant"), agent: item.name || this.text("agent") };
      const bubble = el("div", { class: "bubble" });
      if (item.from === "contact") bubble.append(item.text);
      else markdown(item.text, bubble, item.from === "bot");
      const who = el("div", { class: "who" }, names[item.from]);
      const kind = `message ${item.from} ${item.problem ? "failed" : ""}`;
      const node = el("div", { class: kind }, who, bubble, el("div", { class: "meta" }, ...this.drawMeta(item)));
      if (item.buttons?.length) node.append(this.drawChoices(item));
      return node;
    }

    drawMeta(item) {
      const { problem } = item;
      if (item.isWaiting) return [this.text("sending")];
      if (!problem) return [this.drawTime(new Date(item.at))];
      const reason = this.text(problem, { n: item.limit });
      if (problem === "network") return [reason, button({ onclick: () => this.deliver(item) }, this.text("retry"))];
      return item.choice ? [reason] : [reason, button({ onclick: () => this.edit(item) }, this.text("edit"))];
    }

    drawTime(at) {
      const isToday = at.toDateString() === new Date().toDateString();
      const locale = navigator.languages.find((lang) => lang.startsWith(this.lang)) || this.lang;
      const day = isToday ? {} : { month: "short", day: "numeric" };
      const time = at.toLocaleString(locale, { ...day, hour: "numeric", minute: "2-digit" });
      return el("time", { datetime: at.toISOString() }, time);
    }

    drawChoices(item) {
      const onclick = (choice) => () => this.press(item, choice);
      const kind = (choice) => (item.used === choice.value ? "chosen" : "");
      const draw = (choice) => button({ class: kind(choice), onclick: onclick(choice) }, choice.label);
      const group = { class: "choices", role: "group", "aria-label": this.text("choices") };
      return el("div", group, ...item.buttons.map(draw));
    }
  }

  function start() {
    const widget = new Widget();
    window.Frontdesk = {
      open: () => widget.open(),
      ask: (text, lang) => widget.ask(text, lang),
      close: () => widget.close(),
    };
    // So that a page needs no script of its own; our demo page's policy allows none.
    document.addEventListener("click", ({ target }) => {
      const asking = target.closest?.("[data-frontdesk-ask]");
      if (asking) widget.ask(asking.dataset.frontdeskAsk || asking.textContent, asking.closest("[lang]")?.lang);
    });
    for (const place of document.querySelectorAll("[data-frontdesk-base]")) place.textContent = BASE;
    if (SETTINGS.open === "true") widget.open(false);
  }

  window.Frontdesk = {}; // a second copy stops at its first line
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
