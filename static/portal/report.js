// Leaves nothing of the form behind when someone walks up; the link itself works without this.
const exit = document.querySelector(".quick-exit");
if (exit) {
  exit.addEventListener("click", (event) => {
    event.preventDefault();
    document.body.replaceChildren();
    document.title = "…";
    window.location.replace(exit.href);
  });
}
// A double click sends once; the server would keep it once as well.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
const errors = document.getElementById("errors");
if (errors) errors.focus();
