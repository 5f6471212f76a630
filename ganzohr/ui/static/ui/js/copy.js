// `data-copy="#id"` copies the text of an element or the value of a field; `data-print` prints; `data-submit` sends its form.
addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) {
    const from = document.querySelector(button.dataset.copy);
    await navigator.clipboard.writeText(from.value ?? from.textContent.trim());
    document.dispatchEvent(new CustomEvent("say", { detail: "copied" }));
  }
  if (event.target.closest?.("[data-print]")) print();
});
addEventListener("change", (event) => {
  if (event.target.matches?.("[data-submit]")) event.target.form.requestSubmit();
});
