// What is new appears by itself; what is being written stays, and stays open.
const parts = ["people", "main", "talk"];
const isBusy = (part) => part.contains(document.activeElement) && document.activeElement.matches("textarea, input, summary")
  || [...part.querySelectorAll("textarea, input[type=file]")].some((field) => field.value !== field.defaultValue)
  || [...part.querySelectorAll("audio")].some((sound) => !sound.paused);
const toEnd = () => { const talk = document.querySelector(".bubbles"); if (talk) talk.scrollTop = talk.scrollHeight; };

const look = async () => {
  if (!document.hidden) {
    try {
      const text = await (await fetch(location.href, { cache: "no-store" })).text();
      const fresh = new DOMParser().parseFromString(text, "text/html");
      if (fresh.body.dataset.revision !== document.body.dataset.revision) {
        let all = true;
        for (const name of parts) {
          const [old, now] = [document.getElementById(name), fresh.getElementById(name)];
          if (!old || !now || old.innerHTML === now.innerHTML) continue;
          if (isBusy(old)) { all = false; continue; }
          const top = old.scrollTop;
          old.replaceWith(now);
          now.scrollTop = top;
        }
        toEnd();
        if (all) document.body.dataset.revision = fresh.body.dataset.revision;
      }
    } catch { /* the demo has ended, or not begun again yet */ }
  }
  setTimeout(look, 2000);
};
toEnd();
setTimeout(look, 2000);
