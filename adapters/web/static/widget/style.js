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
.deleted .bubble { background: none; color: var(--soft); padding: 0 2px; border: 0; }
.files { display: flex; flex-direction: column; align-items: inherit; gap: 6px; max-width: 90%; }
.bubble + .files { margin-top: 6px; }
.picture { display: block; width: 232px; max-width: 100%; height: 164px; border-radius: 12px; overflow: hidden;
  background: var(--bubble); border: 1px solid var(--line); }
.picture img { display: block; width: 100%; height: 100%; object-fit: cover; color: transparent; }
.file { display: flex; align-items: center; gap: 8px; max-width: 100%; min-height: 44px; padding: 8px 13px;
  border: 1px solid var(--line); border-radius: 12px; text-align: left; }
.file:hover:enabled { border-color: var(--link); }
.file:enabled .name { color: var(--link); }
.file svg, .size { flex: none; color: var(--soft); }
.file .name { overflow-wrap: anywhere; }
.size { font-size: 13px; font-variant-numeric: tabular-nums; }
[aria-busy] { opacity: .6; }
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
.tray { padding: 10px 12px 0; border-top: 1px solid var(--line); }
.tray:not([hidden]) + form { border-top: 0; }
.chosen { display: flex; flex-wrap: wrap; gap: 6px; list-style: none; margin: 0; padding: 0; max-height: 108px;
  overflow-y: auto; }
.chosen li { display: flex; align-items: center; gap: 6px; max-width: 100%; margin: 0; padding-left: 10px;
  background: var(--bubble); border-radius: 10px; font-size: 14px; }
.chosen .name { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.chosen button { display: grid; place-items: center; flex: none; width: 32px; height: 32px; border-radius: 10px; }
.chosen button:hover { background: #7f7f7f40; }
.note { margin: 4px 2px 0; font-size: 13px; color: var(--wrong); overflow-wrap: anywhere; }
.dropping::after { content: attr(data-drop); position: absolute; inset: 8px; display: grid; place-items: center;
  border: 2px dashed var(--link); border-radius: 12px; background: var(--back); color: var(--link); opacity: .94; }
form { display: flex; align-items: flex-end; gap: 8px; border-top: 1px solid var(--line);
  padding: 10px 12px calc(10px + env(safe-area-inset-bottom)); }
textarea { flex: 1; min-width: 0; resize: none; border: 1px solid var(--line); border-radius: 20px; padding: 8px 14px;
  background: var(--back); font-size: 16px; line-height: 1.4; max-height: 148px; }
textarea::placeholder { color: var(--soft); opacity: 1; }
textarea:focus { outline: none; border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
.attach { display: grid; place-items: center; flex: none; width: 40px; height: 40px; margin: 0 -4px 0 -6px;
  border-radius: 50%; color: var(--soft); }
.attach:hover { color: var(--link); background: var(--bubble); }
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
  .chosen button { width: 40px; height: 40px; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media print { .root { display: none; } }`;
