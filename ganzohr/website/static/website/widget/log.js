// What was said so far; a screen reader hears what is new.
import { el, icon } from "./dom.js";

export const log = ({ words, standing }, address) => {
  const hello = el("p", { class: "said" }, standing || words.hello);
  const box = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": words.title }, hello);
  const drawn = new Map();
  const names = { you: words.you, us: words.us, auto: words.auto };
  const held = (file) => el("span", { class: "held" }, icon("clip"), file.id ? el("a", { href: address(file), target: "_blank", rel: "noopener" }, file.name) : file.name);
  const foot = (entry) => [entry.who === "auto" && words.auto, entry.when, entry.who === "you" && (entry.pending ? words.pending : words.arrived)].filter(Boolean).join(" · ");
  const draw = (entry) => {
    const said = el("div", { class: `said ${entry.who}` }, el("span", { class: "away" }, `${names[entry.who]}: `), entry.text, ...entry.files.map(held));
    return [said, el("p", { class: `foot ${entry.who}` }, foot(entry))];
  };
  return {
    box,
    // Draws what changed only; the first node that was added, if any.
    draw(entries) {
      let grew;
      const wanted = new Set(entries.map((entry) => entry.id));
      for (const [id, { nodes }] of drawn) if (!wanted.has(id)) nodes.forEach((node) => node.remove()), drawn.delete(id);
      entries.forEach((entry) => {
        const print = JSON.stringify({ ...entry, when: "", pending: "" });
        const known = drawn.get(entry.id);
        if (known?.print === print) return void (known.nodes[1].textContent = foot(entry));
        const nodes = draw(entry);
        if (known) known.nodes[0].replaceWith(...nodes), known.nodes[1].remove();
        else box.append(...nodes), grew ??= nodes[0];
        drawn.set(entry.id, { nodes, print });
      });
      return grew;
    },
  };
};
