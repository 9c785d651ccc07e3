// ---- how a message looks ------------------------------------------------------------------------------------------

/** Draws messages. `widget` says in which language, and does what their buttons are for. */
class Painter {
  constructor(widget, shelf) {
    Object.assign(this, { widget, shelf, text: widget.text.bind(widget) });
  }

  draw(item) {
    const { text } = this;
    const names = { contact: text("you"), bot: text("assistant"), agent: item.name || text("agent") };
    const who = el("div", { class: "who" }, names[item.from]);
    const kind = `message ${item.from} ${item.problem ? "failed" : ""} ${item.deleted ? "deleted" : ""}`;
    const node = el("div", { class: kind }, who);
    if (item.text || item.deleted) node.append(this.drawBubble(item));
    if (item.attachments || item.files) node.append(this.shelf.draw(item));
    node.append(el("div", { class: "meta" }, ...this.drawMeta(item)));
    if (item.buttons?.length) node.append(this.drawChoices(item));
    return node;
  }

  drawBubble(item) {
    const bubble = el("div", { class: "bubble" });
    if (item.deleted) bubble.append(this.text("deleted"));
    else if (item.from === "contact") bubble.append(item.text);
    else markdown(item.text, bubble, item.from === "bot");
    return bubble;
  }

  drawMeta(item) {
    const { widget, text } = this;
    const { problem } = item;
    if (item.isWaiting) return [text("sending") + (item.progress ? ` ${item.progress}%` : "")];
    if (!problem) return [this.drawTime(new Date(item.at)), ...(item.edited ? [` · ${text("edited")}`] : [])];
    const reason = text(problem, { n: item.limit });
    if (problem === "network") return [reason, button({ onclick: () => widget.deliver(item) }, text("retry"))];
    return item.choice ? [reason] : [reason, button({ onclick: () => widget.edit(item) }, text("edit"))];
  }

  drawTime(at) {
    const isToday = at.toDateString() === new Date().toDateString();
    const { lang } = this.widget;
    const locale = navigator.languages.find((one) => one.startsWith(lang)) || lang;
    const day = isToday ? {} : { month: "short", day: "numeric" };
    const time = at.toLocaleString(locale, { ...day, hour: "numeric", minute: "2-digit" });
    return el("time", { datetime: at.toISOString() }, time);
  }

  drawChoices(item) {
    const onclick = (choice) => () => this.widget.press(item, choice);
    const kind = (choice) => (item.used === choice.value ? "chosen" : "");
    const draw = (choice) => button({ class: kind(choice), onclick: onclick(choice) }, choice.label);
    const group = { class: "choices", role: "group", "aria-label": this.text("choices") };
    return el("div", group, ...item.buttons.map(draw));
  }
}
