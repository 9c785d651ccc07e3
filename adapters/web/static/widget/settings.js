/* Frontdesk's chat widget: one script, no dependencies, no build step.
 *
 *   <script src="https://support.example.com/widget.js" data-lang="en" data-title="Support"
 *           data-accent="#0b6e4f" data-open="false" defer></script>
 *
 * window.Frontdesk = {open(), ask(text, lang?), close()}; an element with data-frontdesk-ask="..." asks when pressed.
 * Everything lives in a Shadow DOM, so that the page's styles and ours leave each other alone. What the server sends
 * is never parsed as HTML: it only ever becomes text nodes.
 */
if (window.Frontdesk) return; // embedded twice

const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
const BASE = new URL(".", script.src).href;
const SETTINGS = script.dataset;
const STORE_KEY = `frontdesk:${BASE}`;

const REQUEST_TIMEOUT = 15_000;
const STALLED = 30_000; // a file of which nothing more gets through for so long
const FILE_TIMEOUT = 120_000;
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
const REFUSALS = [ // codes of the server's that have a text of their own
  "too_long", "too_large", "empty", "file_type", "file_too_large", "file_content", "empty_file", "chat_full",
];
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"]; // shown; anything else is only ever saved

const SMALL = "(max-width: 480px), (max-height: 420px)"; // there the panel fills the screen
