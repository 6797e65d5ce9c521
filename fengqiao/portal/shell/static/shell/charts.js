// Draws the charts of a page: <div data-chart="ID of a json_script">. The table below each says the same without it.

const ECHARTS = new URL("./vendor/echarts-6.1.0/echarts.common.min.js", import.meta.url);

function load(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
}

/* Paper is narrower than the screen: the drawing is made smaller as a whole, not cut off (print.css). */
function fit(place) {
  const drawing = place.querySelector("svg");
  if (drawing) drawing.setAttribute("viewBox", `0 0 ${parseFloat(drawing.getAttribute("width"))} ${parseFloat(drawing.getAttribute("height"))}`);
}
window.addEventListener("beforeprint", () => document.querySelectorAll("[data-drawn]").forEach(fit));

/* Words of a drawing grow with those of the page (长辈版). */
function grow(part, times) {
  for (const [name, value] of Object.entries(part)) {
    if (name === "fontSize") part[name] = Math.round(value * times);
    else if (value && typeof value === "object") grow(value, times);
  }
}

function draw(place) {
  const data = document.getElementById(place.dataset.chart);
  if (!data || place.dataset.drawn) return;
  place.dataset.drawn = "1";
  const chart = window.echarts.init(place, null, { renderer: "svg" });
  const option = JSON.parse(data.textContent);
  const size = parseFloat(getComputedStyle(document.body).fontSize);
  grow(option, Math.max(1, size / 16));
  option.textStyle = { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: Math.max(13, size * 0.8) };
  chart.on("finished", () => fit(place));
  chart.setOption(option);
  new ResizeObserver(() => chart.resize()).observe(place);
}

await load(ECHARTS);
const drawAll = (within) => within.querySelectorAll("[data-chart]").forEach(draw);
drawAll(document);
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
