// What pages do beyond plain HTML: everything works without it.

import { isOld, say, stillHere } from "./session.js";

const root = document.documentElement;
root.classList.add("js");

/* A menu closes when the person goes elsewhere. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.who[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.who[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* Buttons that cannot be undone ask first: <button data-confirm="..."> */
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !event.target.dataset.looked && !window.confirm(question)) event.preventDefault();
}, true);

/* From a page that was open for a while nothing is sent before it is known that the person is still logged in. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post], [data-upload]")) return;
  if (form.dataset.looked) { delete form.dataset.looked; return; }
  if (!isOld()) return;
  event.preventDefault();
  if (form.dataset.looking) return;
  form.dataset.looking = "1";
  const button = event.submitter;
  stillHere(form).then((here) => {
    delete form.dataset.looking;
    if (!here) return;
    form.dataset.looked = "1";
    form.requestSubmit(button);
  });
});

/* A form is sent once, however often the button is pressed. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post], [data-upload]")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  window.setTimeout(() => delete form.dataset.sent, 8000);
});

/* The crumb that leads back to a list leads to it as it was: narrowed, sorted, at its page. Filters identify nobody. */
function keepList() {
  if (document.querySelector(".list")) sessionStorage.setItem(`list:${location.pathname}`, location.search);
}
keepList();
document.addEventListener("htmx:pushedIntoHistory", keepList);
for (const crumb of document.querySelectorAll(".trail a")) {
  const kept = sessionStorage.getItem(`list:${crumb.getAttribute("href")}`);
  if (kept) crumb.search = kept;
}

/* Errors on top of a form are read out first. */
function showErrors(within) {
  within.querySelector(".error-summary")?.focus();
}

/* A draft that is refused because the session is over, or another one: the way back, and once more when there is one. */
function keepAgain(place, status) {
  if (![401, 403].includes(status) || place.dataset.again) {
    delete place.dataset.again;
    return false;
  }
  place.dataset.again = "1";
  const form = place.closest("form");
  stillHere(form, "草稿没有保存", "继续填写").then((here) => {
    if (here) form.dispatchEvent(new Event("input"));
    else delete place.dataset.again;
  });
  return true;
}

/* Refusals come with their status; their sentence belongs on the page all the same. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const answer = event.detail.xhr;
  const asking = event.detail.requestConfig.elt;
  if (asking.id === "draft-said" && keepAgain(asking, answer.status)) {
    event.detail.shouldSwap = false;
    event.detail.isError = false;
    return;
  }
  if (answer.status >= 400 && answer.getResponseHeader("HX-Retarget")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
document.addEventListener("htmx:sendError", () => {
  if (document.getElementById("messages")) say("网络中断，这一步没有完成。请检查网络后再试一次；已经保存的内容不受影响。");
});
document.addEventListener("htmx:afterSettle", (event) => showErrors(event.target));
showErrors(document);

if (document.querySelector("[data-chart]")) import("./charts.js");
if (document.querySelector("[data-upload]")) import("./uploads.js");
