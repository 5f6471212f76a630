// The private page stays fresh: asks again at once when it is looked at, else less and less often.
const box = document.querySelector("[data-thread]");
for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;

let wait = 4;
const look = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(box.dataset.thread, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) return;
    const part = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    const fresh = part.querySelector("#thread");
    if (fresh && fresh.dataset.revision !== box.querySelector("#thread").dataset.revision) {
      box.replaceChildren(...part.children);
      wait = 4;
    }
  } catch { /* offline: the next turn tries again */ }
};
const again = () => setTimeout(async () => {
  await look();
  wait = Math.min(60, wait * 1.3);
  again();
}, wait * 1000);
document.addEventListener("visibilitychange", () => { wait = 4; look(); });
if (box) again();
