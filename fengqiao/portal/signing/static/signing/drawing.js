// A field for a signature by hand. Without this script people sign by typing their name alone.
// What was drawn is kept by the server at every stroke, so that another device can go on with it.
const area = document.querySelector("[data-drawing]");
const kept = document.querySelector("[data-drawn]");

if (area && kept) {
  const canvas = area.querySelector("canvas");
  const pen = canvas.getContext("2d");
  pen.lineWidth = 5;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#12304c";
  let drawing = false;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  };
  let sending = Promise.resolve();
  const keep = () => {
    const body = new FormData();
    body.append("drawn", kept.value);
    body.append("csrfmiddlewaretoken", area.closest("form").querySelector("[name=csrfmiddlewaretoken]").value);
    // one after another, so that an older stroke never arrives last; not being kept stops nobody from signing
    sending = sending.then(() => fetch(area.dataset.keep, { method: "POST", body, keepalive: true })).catch(() => {});
  };
  if (area.dataset.drawnBefore) {
    const before = new Image();
    before.onload = () => {
      pen.drawImage(before, 0, 0);
      kept.value = canvas.toDataURL("image/png");
    };
    before.src = area.dataset.drawnBefore;
  }
  canvas.addEventListener("pointerdown", (event) => {
    drawing = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  const end = () => {
    if (!drawing) return;
    drawing = false;
    kept.value = canvas.toDataURL("image/png");
    keep();
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  area.querySelector("[data-clear]").addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    kept.value = "";
    keep();
  });
  area.hidden = false;
}
