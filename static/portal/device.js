// On the start page and the first page of a report: gets this device ready for where there is no signal, and sends what
// was typed there.
import { renewLock, send } from "./parcels.js";

// The browser takes the address of a script from this rule only (content security policy: trusted-types).
const ours = window.trustedTypes?.createPolicy("portal", {
  createScriptURL(path) {
    const url = new URL(path, location.href);
    if (url.origin !== location.origin) throw new TypeError("not our own script");
    return url.href;
  },
});
const place = document.getElementById("device");
const paths = place?.dataset;
const tell = (text, href) => {
  const line = document.createElement(href ? "a" : "p");
  line.textContent = text;
  if (href) line.href = href;
  place.append(line);
  place.hidden = false;
};
if (place && "serviceWorker" in navigator) {
  try {
    const registered = await navigator.serviceWorker.register(ours?.createScriptURL(paths.worker) ?? paths.worker, { scope: "/" });
    registered.active?.postMessage("refresh");
    await renewLock(paths, paths.token, paths.owner);
    const said = new Set();
    for (const one of await send(paths, paths.token, false)) {
      if (one.sent) tell(`${paths.sent} ${one.number}`, one.sent);
      else if (one.draft) tell(paths.draft, one.draft);
      else if (!said.has(one.error)) tell(one.error);
      said.add(one.error);
    }
  } catch {
    // Without it the portal works as before; only the page for where there is no signal is not there.
  }
}
