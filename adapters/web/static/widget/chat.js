// ---- the conversation with the server -----------------------------------------------------------------------------

class Refusal extends Error {
  constructor(status, retryAfter, error, token) {
    super(error?.message || `HTTP ${status}`);
    Object.assign(this, { status, code: error?.code, token, wait: Math.min(Number(retryAfter) || 0, 3600) });
  }
}

async function request(path, { token, body, signal, cache = "no-store" } = {}) {
  const options = { method: "GET", headers: {}, signal, cache, credentials: "omit" };
  if (token) options.headers.Authorization = `Bearer ${token}`;
  if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body) });
  if (body) options.headers["Content-Type"] = "application/json";
  const response = await fetch(BASE + path, options);
  if (response.ok) return response;
  const refused = await response.json().catch(() => null); // a proxy may answer with HTML
  throw new Refusal(response.status, response.headers.get("Retry-After"), refused?.error, token);
}

const call = (path, options) => within(REQUEST_TIMEOUT, request(path, options).then((response) => response.json()));

/** Send a file: the server's id for it. Only XMLHttpRequest tells how much of it is through. */
function upload(file, token, onProgress) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    const refuse = () =>
      reject(new Refusal(sending.status, sending.getResponseHeader("Retry-After"), sending.response?.error, token));
    let timer;
    const watch = () => (clearTimeout(timer), (timer = setTimeout(() => sending.abort(), STALLED)));
    sending.open("POST", `${BASE}api/chat/files`);
    sending.setRequestHeader("Authorization", `Bearer ${token}`);
    sending.responseType = "json";
    sending.upload.onprogress = ({ loaded, total }) => (watch(), onProgress(loaded / total));
    sending.onload = () => (sending.status === 201 ? resolve(sending.response.file) : refuse());
    sending.onerror = sending.onabort = () => reject(new TypeError("network"));
    sending.onloadend = () => clearTimeout(timer);
    const form = new FormData();
    form.append("file", file, file.name);
    watch();
    sending.send(form);
  });
}

/** Server-sent events as [name, data]; null whenever anything comes, which says that the line is alive. */
async function* events(reader) {
  const decoder = new TextDecoder();
  let [rest, name, data] = ["", "", []];
  for (let patience = FIRST_BYTES; ; patience = SILENCE) {
    const { done, value } = await within(patience, reader.read());
    if (done) return;
    yield null;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines.map((some) => some.replace(/\r$/, ""))) {
      if (line.startsWith("data:")) data.push(line.slice(5));
      else if (line.startsWith("event:")) name = line.slice(6).trim();
      else if (!line && data.length) {
        yield [name, data.splice(0).join("\n")];
        name = "";
      }
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
      this.on.change(found.changed || []);
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
      for await (const event of events(response.body.getReader())) {
        if (token !== this.token) return;
        if (!isAlive) this.connected();
        isAlive = true;
        if (event) this.takeEvent(event[0], JSON.parse(event[1]));
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

  takeEvent(name, { state, ...message }) {
    this.take(name ? [] : [message], state);
    if (name === "change") this.on.change([message]);
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
    const { id, text, choice, attachments } = item;
    for (let tries = 0, renewals = 0; ; ) {
      try {
        await this.open();
        const files = await this.upload(item);
        const body = choice ? { id, choice } : { id, text, files };
        item.seq = (await call("api/chat/messages", { token: this.token, body })).seq;
        return;
      } catch (error) {
        if (error.status === 401 && renewals++ < 2) this.lose(error.token);
        else if (error.status === 429) await this.slowDown(error.wait || 2);
        else if (error.status >= 400 && error.status < 500 && error.status !== 408) return this.refuse(item, error);
        else if (!attachments && (item.seq = this.held.find((one) => one.text === text)?.seq)) return; // it had arrived
        else if (tries < RESEND_AFTER.length) await sleep(Math.max(RESEND_AFTER[tries++], (error.wait || 0) * 1000));
        else return void (item.problem = "network");
        if (!error.status && tries === 1) this.check();
      }
    }
  }

  /** The server's ids of what an item has attached. What this chat has already is not sent again. */
  async upload(item) {
    const ids = [];
    for (const one of item.attachments || []) {
      const { token } = this;
      const tell = (part) => this.on.progress(item, (ids.length + part) / item.attachments.length);
      if (one.token !== token) Object.assign(one, { id: await upload(one.file, token, tell), token });
      ids.push(one.id);
    }
    return ids;
  }

  /** A file of the record, as an address in this page. One at a time: the server holds each in memory. */
  load({ url }, type) {
    const { token } = this;
    const fetched = async () => {
      const options = { token, cache: "no-cache" }; // kept by the browser, and asked for each time
      const response = await within(FILE_TIMEOUT, request(url.slice(1), options));
      return URL.createObjectURL(new Blob([await within(FILE_TIMEOUT, response.arrayBuffer())], { type }));
    };
    const loaded = (this.loading || Promise.resolve()).then(fetched);
    this.loading = loaded.catch(() => {});
    return loaded;
  }

  refuse(item, { code, message, status }) {
    const isUpload = item.attachments?.some((one) => one.token !== this.token);
    item.problem = REFUSALS.includes(code) ? code : isUpload && status === 413 ? "file_refused" : "refused";
    item.limit = message.match(/\d+(\.\d+)?/)?.[0] ?? "?";
  }

  async slowDown(seconds) {
    for (let left = Math.ceil(seconds); left >= 0; left--) {
      this.on.tooFast(left);
      if (left) await sleep(1000);
    }
  }
}
