// What was unfolded stays unfolded when its part is drawn afresh: `details[data-kept-open]` with an id.
const open = new Set();
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.("details[data-kept-open]")) return;
  if (target.open) open.add(target.id);
  else if (target.isConnected) open.delete(target.id);
}, true);
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  for (const fold of detail.elt.querySelectorAll("details[data-kept-open]")) fold.open = open.has(fold.id);
});
