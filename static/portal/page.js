// On every page: leaving quickly, where that is offered, and sending once. All works without this, only less smoothly.
const exit = document.querySelector(".quick-exit");
const LONGEST = 700; // milliseconds that keeping what was just typed may take
// Nothing of the page stays behind, and the session ends, so that "back" shows no report. What was typed is kept first:
// after the session it would be a stranger's.
const leave = async () => {
  const keeping = [];
  document.dispatchEvent(new CustomEvent("leaving", { detail: keeping }));
  document.body.replaceChildren();
  document.title = "…";
  if (keeping.length) await Promise.race([Promise.all(keeping), new Promise((done) => setTimeout(done, LONGEST))]);
  const { signOut, token } = exit.dataset;
  const body = new URLSearchParams({ csrfmiddlewaretoken: token ?? "" });
  if (signOut) fetch(signOut, { method: "POST", body, keepalive: true }).catch(() => {});
  window.location.replace(exit.href);
};
if (exit) {
  exit.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    presses = [...presses.filter((moment) => event.timeStamp - moment < 2000), event.timeStamp];
    if (presses.length === 3) leave();
  });
}
// A double click sends once; the server would keep it once as well.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);
}
document.getElementById("errors")?.focus();
