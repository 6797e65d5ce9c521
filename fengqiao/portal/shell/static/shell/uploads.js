// Uploads with progress, one file after the other: <form data-upload>. Without it the form is sent as it is.

import { isOld, stillHere } from "./session.js";

function line(list, file) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const said = document.createElement("span");
  const bar = document.createElement("progress");
  name.textContent = file.name;
  said.textContent = "等待上传";
  bar.max = file.size || 1;
  bar.value = 0;
  bar.setAttribute("aria-label", `${file.name} 的上传进度`);
  item.append(name, said, bar);
  list.append(item);
  return { say: (text) => { said.textContent = text; }, show: (sent) => { bar.value = sent; }, done: () => bar.remove() };
}

function send(form, input, file, shown) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData(form);
    body.delete(input.name);
    body.append(input.name, file);
    request.open("POST", form.action);
    request.setRequestHeader("X-Upload", "1");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      shown.show(event.loaded);
      shown.say(`已上传 ${Math.min(100, Math.round((100 * event.loaded) / event.total))}%`);
    });
    request.addEventListener("load", () => {
      const answer = request.response || { ok: false, said: "没有上传：服务器没有接受这个文件。请检查文件大小后再试。" };
      shown.done();
      shown.say(answer.said);
      resolve(answer);
    });
    request.addEventListener("error", () => {
      shown.done();
      shown.say("没有上传：网络中断。请检查网络后再试一次。");
      resolve({ ok: false });
    });
    shown.say("正在上传");
    request.send(body);
  });
}

function tooMuch(form, files) {
  if (files.length > Number(form.dataset.most)) return `一次最多上传 ${form.dataset.most} 个文件，请分几次选择。`;
  const large = files.find((file) => file.size > Number(form.dataset.largest));
  return large ? `“${large.name}”超过大小限制，请换一个文件。` : "";
}

async function upload(form, input, button) {
  const list = form.querySelector(".upload-list");
  const files = [...input.files];
  list.replaceChildren();
  const problem = tooMuch(form, files);
  if (problem) {
    const item = document.createElement("li");
    item.setAttribute("role", "alert");
    item.textContent = problem;
    list.append(item);
    return;
  }
  const lines = files.map((file) => line(list, file));
  button.disabled = true;
  const answers = [];
  for (const [place, file] of files.entries()) answers.push(await send(form, input, file, lines[place]));
  button.disabled = false;
  input.value = "";
  const last = answers.at(-1);
  if (answers.every((answer) => answer.ok) && last.url) window.location.assign(last.url);
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector(".drop");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    if (!isOld()) upload(form, input, button);
    else stillHere(form).then((here) => { if (here) upload(form, input, button); });
  });
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("drop-over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("drop-over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); input.files = event.dataTransfer.files; });
}
