// Asks the browser for a passkey and sends its answer along with the form. Without JavaScript there are other ways.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function question({ publicKey: asked }) {
  const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  const options = { ...asked, challenge: bytes(asked.challenge) };
  if (asked.user) options.user = { ...asked.user, id: bytes(asked.user.id) };
  if (asked.excludeCredentials) options.excludeCredentials = known(asked.excludeCredentials);
  if (asked.allowCredentials) options.allowCredentials = known(asked.allowCredentials);
  return { publicKey: options };
}

function answer(credential) {
  const { response } = credential;
  const told = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    told.attestationObject = text(response.attestationObject);
    told.transports = response.getTransports?.() ?? [];
  } else {
    told.authenticatorData = text(response.authenticatorData);
    told.signature = text(response.signature);
    if (response.userHandle) told.userHandle = text(response.userHandle);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: told,
  });
}

async function optionsOf(form) {
  if (form.dataset.passkeyOptions) return JSON.parse(form.dataset.passkeyOptions);
  const said = await fetch(form.dataset.passkeyFrom, { headers: { accept: "application/json" } });
  if (!said.ok) throw new Error(String(said.status));
  return said.json();
}

if (!window.PublicKeyCredential) {
  for (const words of document.querySelectorAll("[data-passkey-missing]")) words.hidden = false;
}

for (const form of document.querySelectorAll("[data-passkey-options], [data-passkey-from]")) {
  const button = form.querySelector("[data-passkey-ask]");
  const failed = form.querySelector("[data-passkey-failed]");
  if (!window.PublicKeyCredential || !button) continue;
  form.hidden = false;
  button.hidden = false;
  button.addEventListener("click", async () => {
    failed.hidden = true;
    button.disabled = true;
    try {
      const options = question(await optionsOf(form));
      const isNew = "passkeyIsNew" in form.dataset;
      const made = await (isNew ? navigator.credentials.create(options) : navigator.credentials.get(options));
      form.querySelector("[data-passkey-answer]").value = answer(made);
      form.submit();
    } catch {
      failed.hidden = false;
      button.disabled = false;
    }
  });
}
