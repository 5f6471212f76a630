// Says in a picker (`.picker`) which file was chosen; without this script the browser's own line says it.
for (const input of document.querySelectorAll(".picker input[type=file]")) {
  const line = input.closest(".picker").querySelector("[data-picked]");
  const words = line.textContent;
  const say = () => { line.textContent = [...input.files].map((file) => file.name).join(", ") || words; };
  input.addEventListener("change", say);
  say();
}
