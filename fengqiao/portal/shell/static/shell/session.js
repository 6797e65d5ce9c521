// Before a form is sent from a page that was open for a while: is the person still logged in? If not, nothing is sent
// and everything typed stays where it is.

const FRESH = 60_000;
const opened = performance.now();

export function say(sentence, link) {
  const place = document.getElementById("messages");
  const notice = document.createElement("div");
  notice.className = "notice notice-error";
  notice.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = sentence;
  if (link) {
    const way = document.createElement("a");
    way.href = link;
    way.target = "_blank";
    way.rel = "noopener";
    way.className = "btn";
    way.textContent = "在新窗口登录";
    const row = document.createElement("span");
    row.className = "link-row";
    row.append(way);
    words.append(row);
  }
  notice.append(words);
  place.replaceChildren(notice);
  notice.tabIndex = -1;
  notice.focus();
}

export function isOld() {
  return Boolean(document.body.dataset.who) && performance.now() - opened > FRESH;
}

/* True when the form may be sent now; it is given the token of the present session. failed: what came to nothing. */
export async function stillHere(form, failed = "没有提交", again = "按一次提交") {
  let answer;
  try {
    const response = await fetch(document.body.dataset.session, { headers: { Accept: "application/json" }, cache: "no-store" });
    answer = await response.json();
  } catch {
    say(`${failed}：网络中断，或者系统暂时没有回应。填写的内容都还在，请稍后再${again}。`);
    return false;
  }
  if (!answer.who) {
    say(`${failed}：登录已过期。填写的内容都还在这一页：请在新窗口登录，再回到这里${again}。`, document.body.dataset.login);
    return false;
  }
  if (answer.who !== document.body.dataset.who) {
    say(`${failed}：现在登录的账号或者身份与打开这一页时不同。请换回原来的账号和身份，再回到这里${again}。`);
    return false;
  }
  for (const field of form.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = answer.token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": answer.token }));
  return true;
}
