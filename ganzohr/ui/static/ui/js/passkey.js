// Passkeys: a form with `data-passkey="make"` or `"use"` gets its field `credential` from the browser, then is sent.
// What is asked stands in the JSON script `data-asks`, or is fetched from the form's own address.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function asked(form) {
  if (form.dataset.asks) return JSON.parse(document.querySelector(form.dataset.asks).textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

async function make(form) {
  const wanted = (await asked(form)).creation_options.publicKey;
  const alone = form.elements.passwordless?.checked;
  const selection = { ...wanted.authenticatorSelection, residentKey: alone ? "required" : "discouraged", requireResidentKey: alone };
  if (alone) selection.userVerification = "required";
  return navigator.credentials.create({ publicKey: {
    ...wanted,
    authenticatorSelection: selection,
    challenge: bytes(wanted.challenge),
    user: { ...wanted.user, id: bytes(wanted.user.id) },
    excludeCredentials: known(wanted.excludeCredentials),
  } });
}

async function use(form) {
  const wanted = (await asked(form)).request_options.publicKey;
  return navigator.credentials.get({ publicKey: {
    ...wanted, challenge: bytes(wanted.challenge), allowCredentials: known(wanted.allowCredentials),
  } });
}

function plain(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  const { id, type } = credential;
  return { id, type, rawId: text(credential.rawId), response, clientExtensionResults: credential.getClientExtensionResults() };
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("[data-passkey-do]");
  const wrong = form.querySelector("[data-passkey-wrong]");
  form.hidden = !window.PublicKeyCredential;
  button.addEventListener("click", async () => {
    wrong.hidden = button.disabled = true;
    try {
      form.elements.credential.value = JSON.stringify(plain(await (form.dataset.passkey === "make" ? make : use)(form)));
      form.submit();
    } catch {
      wrong.hidden = button.disabled = false;
    }
  });
}
