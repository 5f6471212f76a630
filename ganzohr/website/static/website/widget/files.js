// Files chosen to go along; checked here for size, checked again by their bytes on the desk.
import { el, icon } from "./dom.js";

export const picked = ({ words, accept, maxFile, maxFiles }) => {
  const list = [];
  const names = el("ul", { class: "files" });
  const wrong = el("p", { class: "wrong", id: "files-wrong", hidden: true, role: "alert" });
  const hint = el("p", { class: "hint", id: "files-hint", hidden: true }, words.filesHint);
  const control = el("input", { type: "file", multiple: true, accept, "aria-describedby": "files-hint", "aria-label": words.files, onchange: () => take() });
  const choose = el("span", { class: "quiet" }, icon("clip"), el("span", { "aria-hidden": "true" }, words.attach), control);
  const box = el("div", { class: "field", hidden: true }, names, hint, wrong);
  const draw = () => {
    names.replaceChildren(...list.map((file) => el("li", {}, file.name,
      el("button", { type: "button", "aria-label": words.remove.replace("{name}", file.name), onclick: () => { list.splice(list.indexOf(file), 1); draw(); control.focus(); } }, icon("x")))));
    hint.hidden = !list.length && wrong.hidden;
    box.hidden = !list.length && wrong.hidden;
  };
  const take = () => {
    const kinds = accept.split(",");
    const chosen = [...control.files];
    control.value = "";
    const bad = chosen.find((file) => file.size > maxFile || !file.size || !kinds.some((kind) => file.name.toLowerCase().endsWith(kind)));
    wrong.textContent = bad ? words.tooBig.replace("{name}", bad.name) : list.length + chosen.length > maxFiles ? words.filesHint : "";
    wrong.hidden = !wrong.textContent;
    if (wrong.hidden) list.push(...chosen);
    draw();
  };
  return { box, choose, control, wrong, list, clear() { list.length = 0; wrong.hidden = true; draw(); } };
};
