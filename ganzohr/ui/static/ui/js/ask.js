// The private page of a colleague: what is typed is kept on the server, never in this browser, which may be shared.
const PAUSE = 700;
for (const field of document.querySelectorAll("[data-save]")) {
  const place = field.form.querySelector("[data-saved]");
  let timer, kept = field.value;
  const save = async () => {
    clearTimeout(timer);
    if (field.value === kept || field.form.dataset.sent) return;
    const value = field.value;
    const body = new URLSearchParams({ do: "draft", form: field.form.elements.form.value, answer: value });
    try {
      const answer = await fetch(location.pathname, { method: "POST", body, keepalive: true });
      if (!answer.ok) return;
      kept = value;
      if (place) place.textContent = await answer.text();
    } catch { /* the next pause tries again */ }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  addEventListener("pagehide", save);
}

// The button of the browser speaks the browser's language; ours says which files were chosen.
for (const input of document.querySelectorAll("[data-files]")) {
  const place = input.closest("label").querySelector("[data-names]"), words = place.textContent;
  input.classList.add("hidden");
  input.addEventListener("change", () => {
    place.textContent = [...input.files].map((file) => file.name).join(", ") || words;
  });
}
