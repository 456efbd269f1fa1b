// For everyone who reports: leaving quickly, and sending once. All of it works without this, only less smoothly.
const exit = document.querySelector(".quick-exit");
// Nothing of the page stays behind, and the session ends, so that "back" shows no report. A draft is kept.
const leave = () => {
  document.body.replaceChildren();
  document.title = "…";
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
