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
