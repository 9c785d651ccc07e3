// ---- files that the contact has chosen to send --------------------------------------------------------------------

const CLIP = "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8";
const CROSS = "M6 6l12 12M18 6L6 18";

const endingOf = (name) => (name.includes(".") ? name.slice(name.lastIndexOf(".") + 1).toLowerCase() : "");

function sizeOf(bytes) {
  if (bytes < 1000 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  const mb = bytes / 1024 ** 2;
  return `${mb < 10 ? mb.toFixed(1) : Math.round(mb)} MB`;
}

/** What will go with the next message: a row of names above the text box, each of which can be taken off again. */
class Tray {
  constructor(text, onChange) {
    Object.assign(this, { text, onChange, chosen: [], problem: "" });
    this.list = el("ul", { class: "chosen" });
    this.note = el("p", { class: "note", role: "alert" });
    const accept = FILES.types.map((ending) => `.${ending}`).join();
    this.picker = el("input", { type: "file", multiple: "", hidden: "", accept });
    this.node = el("div", { class: "tray" }, this.picker, this.list, this.note);
    this.button = button({ class: "attach", onclick: () => this.picker.click() }, icon(CLIP, 20));
    this.button.hidden = !FILES.types.length;
  }

  /** Take files from the picker, from what is pasted into `input`, and from what is dropped on `panel`. */
  listen(input, panel) {
    if (!FILES.types.length) return;
    this.picker.addEventListener("change", () => {
      this.add(this.picker.files);
      this.picker.value = ""; // the same file may be chosen again
      input.focus();
    });
    input.addEventListener("paste", (event) => {
      const { clipboardData } = event;
      if (!clipboardData.files.length || clipboardData.getData("text/plain")) return; // a table is a picture, too
      event.preventDefault();
      this.add(clipboardData.files);
    });
    const hover = (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      panel.classList.toggle("dropping", event.type === "dragover");
      if (event.type === "drop") this.add(event.dataTransfer.files);
    };
    for (const type of ["dragover", "dragleave", "drop"]) panel.addEventListener(type, hover);
  }

  add(files) {
    this.problem = "";
    for (const file of files) {
      const problem = this.problemOf(file);
      if (problem) this.problem = `${file.name}: ${this.text(problem, { n: FILES.mb })}`;
      else if (this.chosen.length >= FILES.most) this.problem = this.text("too_many", { n: FILES.most });
      else this.chosen.push({ file, name: file.name, type: file.type, size: file.size });
    }
    this.draw();
  }

  problemOf({ name, size }) {
    if (!FILES.types.includes(endingOf(name))) return "file_type";
    if (!size) return "empty_file";
    return size > FILES.mb * 1024 ** 2 ? "file_too_large" : null;
  }

  /** What was chosen; the tray is empty then. */
  take() {
    const taken = this.chosen.splice(0);
    this.problem = "";
    this.draw();
    return taken.length ? taken : undefined;
  }

  put(attachments = []) {
    this.chosen = [...attachments, ...this.chosen].slice(0, FILES.most);
    this.draw();
  }

  draw() {
    this.list.replaceChildren(...this.chosen.map((one) => this.drawChosen(one)));
    this.list.hidden = !this.chosen.length;
    this.list.setAttribute("aria-label", this.text("attached"));
    this.note.textContent = this.problem;
    this.note.hidden = !this.problem;
    this.node.hidden = this.list.hidden && this.note.hidden;
    this.onChange();
  }

  drawChosen(one) {
    const onclick = () => {
      this.chosen.splice(this.chosen.indexOf(one), 1);
      this.draw();
    };
    const remove = button({ "aria-label": this.text("detach", { name: one.name }), onclick }, icon(CROSS, 14));
    const name = el("span", { class: "name", title: one.name }, one.name);
    return el("li", {}, name, el("span", { class: "size" }, sizeOf(one.size)), remove);
  }
}
