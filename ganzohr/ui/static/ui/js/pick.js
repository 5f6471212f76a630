// Finding a saved reply by keys: Enter takes the first that fits what was typed, arrows go through the others.
const dialog = document.querySelector("#dialog");
const search = () => dialog.querySelector("[data-pick]")?.elements.q;
const isFound = () => dialog.querySelector("[data-q]")?.dataset.q === search()?.value.trim();
let isWanted = false;

const take = () => {
  isWanted = !isFound();
  if (!isWanted) dialog.querySelector("[data-use]")?.click();
};
document.addEventListener("submit", (event) => {
  if (!event.target.matches("dialog [data-pick]")) return;
  event.preventDefault();
  take();
});
document.addEventListener("htmx:afterSettle", (event) => {  // not before: only then htmx knows the new forms
  if (event.detail.target.id === "saved" && isWanted) take();
});
dialog?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !search()) return;
  const stops = [search(), ...dialog.querySelectorAll("[data-use]")];
  const next = stops[stops.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});
