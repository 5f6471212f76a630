// The desk's paper and ink, in one constructed sheet (allowed under every content security policy).
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { all: initial; color-scheme: light dark; position: fixed; inset: auto 0 0 auto; z-index: 2147483000;
  --paper: light-dark(oklch(.994 .003 85), oklch(.215 .006 75)); --press: light-dark(oklch(.938 .008 85), oklch(.268 .008 75));
  --ink: light-dark(oklch(.245 .012 70), oklch(.935 .008 85)); --ink2: light-dark(oklch(.415 .012 70), oklch(.785 .01 85));
  --line: light-dark(oklch(.905 .007 85), oklch(.305 .008 75)); --edge: light-dark(oklch(.62 .01 75), oklch(.56 .01 75));
  --accent: light-dark(oklch(.435 .077 197), oklch(.8 .083 192)); --deep: light-dark(oklch(.365 .066 197), oklch(.86 .07 192));
  --soft: light-dark(oklch(.944 .016 188), oklch(.292 .03 197)); --on: light-dark(oklch(.992 .006 192), oklch(.21 .035 197));
  --late: light-dark(oklch(.495 .17 27), oklch(.775 .125 27)); --late-soft: light-dark(oklch(.955 .022 27), oklch(.29 .05 27));
  --lift: 0 8px 32px light-dark(oklch(.3 .02 70 / .16), oklch(0 0 0 / .5)), 0 1px 3px light-dark(oklch(.3 .02 70 / .14), oklch(0 0 0 / .4));
  font: 400 15px/1.5 "Hanken Grotesk Variable", "Hanken Grotesk", system-ui, sans-serif; color: var(--ink);
  -webkit-text-size-adjust: 100%; text-align: start; }
:host([data-theme=light]) { color-scheme: light; } :host([data-theme=dark]) { color-scheme: dark; }
*, ::before, ::after { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
button, input, textarea { font: inherit; color: inherit; }
button { cursor: pointer; border: 0; background: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.icon { inline-size: 18px; block-size: 18px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
.icon-ear { inline-size: 22px; block-size: 22px; }
.icon-ear path:first-child { fill: currentColor; stroke: none; } .icon-ear path:last-child { stroke: var(--fold); stroke-width: 2; }
.away { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.trap { position: absolute; inset-inline-start: -10000px; }

.open { --fold: var(--accent); position: fixed; inset: auto max(20px, env(safe-area-inset-right)) max(20px, env(safe-area-inset-bottom)) auto; display: flex; align-items: center; gap: 10px;
  min-block-size: 48px; padding: 10px 20px 10px 16px; border-radius: 48px; background: var(--accent); color: var(--on); font-weight: 640; box-shadow: var(--lift); }
.open:hover { background: var(--deep); --fold: var(--deep); }
.open:focus-visible { outline-offset: 3px; }
.unread { display: flex; align-items: center; gap: 6px; padding-inline-start: 10px; border-inline-start: 1px solid color-mix(in oklch, var(--on) 45%, transparent); }
.unread::before { content: ""; inline-size: 9px; block-size: 9px; border-radius: 50%; background: currentColor; }

dialog { position: fixed; inset: auto max(20px, env(safe-area-inset-right)) max(20px, env(safe-area-inset-bottom)) auto; margin: 0; padding: 0; border: 0; inline-size: 384px; max-inline-size: calc(100vw - 40px);
  block-size: min(660px, calc(100dvh - 40px)); max-block-size: none; border-radius: 14px; background: var(--paper); color: var(--ink); box-shadow: var(--lift); overflow: hidden; }
dialog[open] { display: grid; grid-template-rows: auto minmax(0, 1fr); }
.head { --fold: var(--paper); display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 2px 10px; align-items: center; padding: 14px 8px 12px 18px; border-block-end: 1px solid var(--line); }
.head .icon-ear { color: var(--accent); }
h2 { font-size: 15px; font-weight: 640; line-height: 1.3; overflow-wrap: anywhere; }
.by { grid-column: 2; font-size: 13px; line-height: 1.4; color: var(--ink2); }
.x { grid-row: 1 / span 2; grid-column: 3; display: grid; place-items: center; inline-size: 44px; block-size: 44px; border-radius: 8px; color: var(--ink2); }
.head:has(.by[hidden]) .x { grid-row: 1; }
.x:hover { background: var(--press); color: var(--ink); }
.body { position: relative; overflow: auto; display: flex; flex-direction: column; overscroll-behavior: contain; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.log { flex: 1; display: flex; flex-direction: column; align-items: flex-start; gap: 4px; padding: 16px 18px 8px; }
.log > .said:first-child { margin-block-end: 10px; }
.said { max-inline-size: 86%; padding: 8px 14px 9px; border-radius: 18px; background: var(--soft); border-end-start-radius: 5px; white-space: pre-wrap; overflow-wrap: anywhere; }
.said.you { align-self: flex-end; background: var(--press); border-radius: 18px; border-end-end-radius: 5px; }
.said.auto { background: none; box-shadow: inset 0 0 0 1.5px var(--soft); }
.foot { padding-inline: 8px; margin-block-end: 8px; font-size: 13px; color: var(--ink2); }
.foot.you { align-self: flex-end; }
a { color: var(--accent); text-underline-offset: .2em; } a:hover { color: var(--deep); }
.held { display: flex; align-items: center; gap: 6px; font-size: 13px; margin-block-start: 4px; }

form { display: grid; gap: 12px; padding: 8px 18px 16px; }
.fields { display: grid; gap: 12px; } .field { display: grid; gap: 4px; }
label, .label { font-size: 13px; font-weight: 640; line-height: 1.4; }
.in { inline-size: 100%; min-block-size: 44px; padding: 9px 12px; border: 1px solid var(--edge); border-radius: 8px; background: var(--paper); font-size: 16px; line-height: 1.45; }
textarea.in { min-block-size: 84px; max-block-size: 220px; resize: vertical; field-sizing: content; }
.in:focus-visible { outline-offset: -1px; border-color: var(--accent); }
.in[aria-invalid] { border-color: var(--late); }
.hint { font-size: 13px; line-height: 1.4; color: var(--ink2); }
.wrong { font-size: 13px; line-height: 1.4; color: var(--late); }
.agree { display: grid; grid-template-columns: 24px minmax(0, 1fr); gap: 10px; font-weight: 400; color: var(--ink2); }
.agree input { inline-size: 24px; block-size: 24px; margin: 0; accent-color: var(--accent); }
.do { position: sticky; inset-block-end: 0; margin-inline: -18px; padding: 8px 18px; background: var(--paper); display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px 12px; }
.main { display: inline-flex; align-items: center; justify-content: center; gap: 8px; min-block-size: 44px; padding: 8px 18px; border-radius: 8px; background: var(--accent); color: var(--on); font-weight: 640; }
.main:hover { background: var(--deep); } .main[aria-disabled] { opacity: .75; cursor: progress; }
.quiet { position: relative; display: inline-flex; align-items: center; gap: 8px; min-block-size: 44px; padding: 8px 10px; margin-inline-start: -10px; border-radius: 8px; color: var(--accent); font-size: 15px; font-weight: 640; cursor: pointer; }
.quiet:hover { background: var(--press); color: var(--deep); }
.quiet:focus-within { outline: 2px solid var(--accent); outline-offset: 2px; }
.quiet input { position: absolute; inset: 0; opacity: 0; inline-size: 100%; cursor: pointer; }
.files { display: grid; gap: 2px; padding: 0; list-style: none; font-size: 13px; }
.files li { display: flex; align-items: center; gap: 8px; justify-content: space-between; overflow-wrap: anywhere; }
.files button { display: grid; place-items: center; flex: none; inline-size: 44px; block-size: 44px; border-radius: 8px; color: var(--ink2); }
.state { padding: 8px 12px; border-radius: 8px; background: var(--soft); font-size: 13px; line-height: 1.45; }
.state:empty { display: none; } .state.bad { background: var(--late-soft); }
.keep { display: flex; align-items: center; justify-content: space-between; gap: 12px; padding-block-start: 4px; border-block-start: 1px solid var(--line); font-size: 13px; line-height: 1.35; }
.keep .quiet { flex: none; font-size: 13px; margin: 0; }
.keep a { padding-block: 12px; overflow-wrap: anywhere; }

@media (max-width: 479.99px), (max-height: 479.99px) {
  dialog { inset: 0; inline-size: 100vw; max-inline-size: none; block-size: 100dvh; border-radius: 0; }
  .head { padding-block-start: max(12px, env(safe-area-inset-top)); }
  form { padding-block-end: max(16px, env(safe-area-inset-bottom)); }
}
@media (prefers-reduced-motion: no-preference) { .open { transition: background 120ms; } }
@media print { :host { display: none; } }
@media (forced-colors: active) { .open, .main, dialog { border: 1px solid; } }
`);
export default sheet;
