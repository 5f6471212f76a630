// What leaves in ten seconds: `[data-leaves]` holds the seconds left, a `[data-left]` progress and a `[data-count]` number.
// At zero it sends `left`, so that htmx can fetch the part again: hx-trigger="left".
const start = (place) => {
  const ends = performance.now() + Number(place.dataset.leaves) * 1000;
  const count = place.querySelector("[data-count]");
  const bar = place.querySelector("[data-left]");
  const tick = () => {
    if (!place.isConnected) return;
    const seconds = Math.max(0, (ends - performance.now()) / 1000);
    if (count) count.textContent = String(Math.ceil(seconds));
    if (bar) bar.value = bar.max - seconds;
    if (seconds > 0) return void setTimeout(tick, 250);
    place.querySelectorAll("[data-until-left]").forEach((part) => { part.hidden = true; });
    place.dispatchEvent(new CustomEvent("left", { bubbles: true }));
  };
  tick();
};
const find = (root) => root.querySelectorAll?.("[data-leaves]").forEach(start);
find(document);
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt.matches?.("[data-leaves]")) start(event.detail.elt);
  find(event.detail.elt);
});
