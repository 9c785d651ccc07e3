// ---- files in messages --------------------------------------------------------------------------------------------

const PAPER = "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5";
const isPicture = (file) => PICTURES.includes(file.type);

/** Let the browser save what is at this address; it is never opened, whatever it is. */
function save(href, name) {
  el("a", { href, download: name }).click();
}

/** Draws files. Pictures are shown once they come into sight; everything else is a name, saved when it is pressed. */
class Shelf {
  constructor(text, chat) {
    Object.assign(this, { text, chat, addresses: new Map() });
    const look = (entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && this.reveal(target));
    this.sight = new IntersectionObserver(look, { rootMargin: "200px" });
  }

  draw(item) {
    const files = item.attachments || item.files;
    const isHere = (file) => Boolean(file.file) || item.token === this.chat.token; // a lost chat's are out of reach
    const draw = (file) =>
      isPicture(file) && isHere(file) ? this.drawPicture(file) : this.drawName(file, isHere(file));
    return el("div", { class: "files" }, ...files.map(draw));
  }

  drawPicture(file) {
    const label = this.text("picture", { name: file.name });
    const onerror = () => picture.replaceWith(this.drawName(file, true));
    const image = el("img", { alt: file.name, onerror });
    const picture = el("a", { class: "picture", target: "_blank", rel: "noopener", "aria-label": label }, image);
    picture.file = file;
    const address = this.addresses.get(this.keyOf(file));
    if (address) this.fill(picture, address);
    else this.sight.observe(picture);
    return picture;
  }

  drawName(file, isHere) {
    const size = file.size ? sizeOf(file.size) : "";
    const name = el("span", { class: "name" }, file.name);
    const label = this.text("save", { name: file.name, size }).replace(/ \(\)|（）/, "");
    const inside = [icon(PAPER, 20), name, el("span", { class: "size" }, size)];
    const node = button({ class: "file", "aria-label": label, onclick: () => this.fetch(file, node) }, ...inside);
    node.disabled = !isHere;
    return node;
  }

  async fetch(file, node) {
    node.disabled = true;
    node.setAttribute("aria-busy", true);
    try {
      save(await this.addressOf(file), file.name);
    } catch {
      node.querySelector(".size").textContent = this.text("unavailable");
    } finally {
      node.disabled = false;
      node.removeAttribute("aria-busy");
    }
  }

  async reveal(picture) {
    this.sight.unobserve(picture);
    try {
      this.fill(picture, await this.addressOf(picture.file));
    } catch {
      picture.replaceWith(this.drawName(picture.file, true));
    }
  }

  fill(picture, address) {
    picture.href = picture.firstChild.src = address;
  }

  keyOf(file) {
    return file.file || `${this.chat.token} ${file.url}`;
  }

  /** Where a file is in this page. What is no picture is plain bytes here: the page's own origin must never run it. */
  async addressOf(file) {
    const key = this.keyOf(file);
    const type = isPicture(file) ? file.type : "application/octet-stream";
    const found = file.file ? URL.createObjectURL(new Blob([file.file], { type })) : await this.chat.load(file, type);
    this.addresses.set(key, this.addresses.get(key) || found);
    return this.addresses.get(key);
  }
}
