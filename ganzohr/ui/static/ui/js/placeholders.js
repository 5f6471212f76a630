// Writing a saved reply: a press on a placeholder puts it where the cursor was last. Without this script they are typed.
let last = document.querySelector("[data-words]");
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-words]")) last = event.target;
});
for (const code of document.querySelectorAll("[data-put]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "hint";
  code.replaceWith(button);
  button.append(code);
  button.addEventListener("click", () => {
    if (!last) return;
    last.setRangeText(code.dataset.put, last.selectionStart, last.selectionEnd, "end");
    last.dispatchEvent(new Event("input", { bubbles: true }));
    last.focus();
  });
}
