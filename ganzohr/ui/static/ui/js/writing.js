// Beside the box while somebody writes: how long there is (`[data-window]`, in seconds by the server's clock) and how many
// characters are left (`[data-most]`, in code points). When the time is over the box hears `turned` and looks again.
const LOW = 2 * 3600;
const fill = (words, values) => words.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

const words = ({ h, m, s }, minutes) => {
  if (minutes >= 60) return fill(h, { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  return minutes ? fill(m, { minutes }) : s;
};
const start = (place) => {
  if (place.dataset.ends) return;
  const ends = Date.now() + Number(place.dataset.window) * 1000;
  place.dataset.ends = ends;
  const tick = () => {
    if (!place.isConnected) return;
    const left = Math.max(0, (ends - Date.now()) / 1000);
    if ("h" in place.dataset) {
      const said = words(place.dataset, Math.floor(left / 60)), line = place.querySelector("span");
      if (line.textContent !== said) line.textContent = said;
    }
    place.classList.toggle("state--soon", left <= LOW);
    if (left > 0) setTimeout(tick, 1000);
    else document.querySelector("#text")?.dispatchEvent(new CustomEvent("turned", { bubbles: true }));
  };
  tick();
};
const find = () => document.querySelectorAll("[data-window]").forEach(start);
find();
document.addEventListener("htmx:load", find);

document.addEventListener("input", (event) => {
  const place = document.querySelector("#checks [data-most]");
  if (event.target.id !== "text" || !place) return;
  const { most, signed, left, beyond } = place.dataset;
  const room = most - signed - [...event.target.value.trim()].length;
  place.querySelector("span").textContent = room < 0 ? fill(beyond, { beyond: -room }) : fill(left, { left: room });
  place.classList.toggle("look", room < 0);
});
