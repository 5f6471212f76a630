// The button. The window behind it is fetched when it is first opened.
import { client, patience } from "./client.js";
import { el, icon } from "./dom.js";
import { memory } from "./memory.js";
import sheet from "./sheet.js";

export const start = async (address) => {
  const base = new URL(".", address);
  if (document.querySelector(`[data-ganzohr="${base.pathname}"]`)) return;
  const asked = address.searchParams;
  const language = asked.get("lang") || document.documentElement.lang || navigator.language;
  const desk = client(base, language);
  let config = await desk.config();
  while (config.status === 0) {
    await new Promise((done) => addEventListener("online", done, { once: true }));
    config = await desk.config();
  }
  if (config.status !== 200) return;
  const held = memory(base.pathname);
  const host = el("div", { "data-ganzohr": base.pathname, lang: config.language, "data-theme": asked.get("theme") });
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const { words } = config;
  const mark = el("span", { class: "unread", hidden: true }, words.unread);
  const button = el("button", { class: "open", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false" }, icon("ear"), words.open, mark);
  root.append(button);
  document.body.append(host);

  const source = asked.get("src") || new URLSearchParams(location.search).get("src") || "";
  const widget = { base, config, desk, held, root, button, source, onclose: () => watch.go() };
  let panel;
  const open = async (quietly) => {
    watch.stop();
    mark.hidden = true;
    panel ??= (await import("./panel.js")).panel(widget);
    panel.open(quietly);
  };
  let tag;
  const watch = patience(async () => {
    const token = held.get("token");
    if (!token) return;
    const now = await desk.read(token, tag);
    if (now.status !== 200) return;
    tag = now.tag;
    mark.hidden = !now.entries.some(({ who, id }) => who !== "you" && !held.get("seen")?.includes(id));
  }, 20, 120);
  button.addEventListener("click", () => open());
  if (held.get("open")) open(true);
  else watch.go();
};
