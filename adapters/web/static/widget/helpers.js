function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
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
