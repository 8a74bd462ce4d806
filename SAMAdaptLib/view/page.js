// The page: draws what the server shows, and tells it what the user does. It loads nothing but its own three files.
"use strict";
const $ = name => document.getElementById(name);
const canvas = $("canvas"), pen = canvas.getContext("2d");
const grey = document.createElement("canvas"), tint = document.createElement("canvas");
// Where the patient's sides are on slices as radiologists hold them: left, right, top, bottom.
const SIDES = { axial: "RLAP", coronal: "RLSI", sagittal: "APSI" };
const CLICK = 4, STEP = 40;  // Pixels that a click may move; what a wheel turns at least for a slice.

let about = null, shown = null, values = null, low = 0, high = 1, zoom = 1, drag = null, turned = 0;
let view = { axis: "axial", index: 0, channel: 0 }, wanted = null, asked = false;

const socket = new WebSocket(location.href.replace(/^http/, "ws") + "socket");
socket.binaryType = "arraybuffer";
socket.onclose = () => { if (!$("over").open) $("over").showModal(); };
socket.onmessage = ({ data }) => {
  if (typeof data !== "string") return take(data);
  const told = JSON.parse(data);
  if (told.about !== undefined) return begin(told);
  shown = told;
  controls();
  draw();
};
const tell = (what, more) => socket.send(JSON.stringify({ do: what, ...view, ...more }));

function begin(told) {
  about = told;
  $("channels").replaceChildren(...about.channels.map((name, channel) => {
    const button = document.createElement("button");
    button.textContent = name;
    button.title = `${channel + 1}: show this volume; the model sees all of them`;
    button.onclick = () => look(view.axis, view.index, channel);
    return button;
  }));
  $("name").textContent = document.title = about.about;
  look(told.axis, told.index);
}

// One slice is on its way at a time; of those that are wanted meanwhile only the last one is fetched.
function look(axis, index, channel = (wanted || view).channel) {
  if (axis !== view.axis) zoom = 1;
  const at = { axis, channel, index: Math.max(0, Math.min(about.axes[axis].count - 1, index)) };
  wanted = at;
  if (asked) return;
  asked = true;
  wanted = null;
  tell("look", at);
}

function take(data) {
  const [axis, index, channel] = new Uint32Array(data, 0, 3);
  view = { axis: Object.keys(about.axes)[axis], index, channel };
  values = new Float32Array(data, 12);
  [low, high] = about.windows[channel];
  asked = false;
  paint();
  if (wanted) look(wanted.axis, wanted.index, wanted.channel);
}

// Values to grey levels, black below the window and white above it.
function paint() {
  const [height, width] = about.axes[view.axis].shape;
  grey.width = tint.width = width;
  grey.height = tint.height = height;
  const picture = new ImageData(width, height), words = new Uint32Array(picture.data.buffer), scale = 255 / (high - low);
  const level = i => Math.max(0, Math.min(255, (values[i] - low) * scale)) | 0;
  for (let i = 0; i < words.length; i++) {
    const bytes = about.colour ? level(3 * i + 2) << 16 | level(3 * i + 1) << 8 | level(3 * i) : level(i) * 0x10101;
    words[i] = 0xff000000 | bytes;
  }
  grey.getContext("2d").putImageData(picture, 0, 0);
  draw();
}

function draw() {
  if (!values) return;
  const { shape: [rows, columns], spacing: [tall, wide], count } = about.axes[view.axis];
  const room = $("stage").getBoundingClientRect(), dense = window.devicePixelRatio;
  const size = Math.min((room.width - 2) / (columns * wide), (room.height - 2) / (rows * tall)) * zoom;
  canvas.style.width = `${columns * wide * size}px`;
  canvas.style.height = `${rows * tall * size}px`;
  const width = canvas.width = Math.round(columns * wide * size * dense);
  const height = canvas.height = Math.round(rows * tall * size * dense);
  const x = width / columns, y = height / rows;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(grey, 0, 0, width, height);
  const here = shown && shown.axis === view.axis && shown.index === view.index;
  if (here) {
    for (const layer of shown.layers) drawLayer(layer, x, y, dense);
    for (const mark of shown.marks) drawMark(mark, x, y, dense);
  }
  if (drag && drag.box) {
    const frame = canvas.getBoundingClientRect();
    const at = ([a, b]) => [(a - frame.left) * dense, (b - frame.top) * dense];
    const [x0, y0] = at(drag.from), [x1, y1] = at(drag.at);
    rectangle(x0, y0, x1, y1, dense);
  }
  ["left", "right", "top", "bottom"].forEach((name, i) => { $(name).textContent = SIDES[view.axis][i]; });
  $("place").textContent = `${view.index + 1} / ${count}`;
  $("found").textContent = here && shown.iou !== null ? `estimated IoU ${shown.iou.toFixed(2)}` : "";
  $("slider").max = count - 1;
  $("slider").value = view.index;
  for (const button of document.querySelectorAll("[data-axis]")) {
    button.classList.toggle("on", button.dataset.axis === view.axis);
  }
  [...$("channels").children].forEach((button, channel) => button.classList.toggle("on", channel === view.channel));
  canvas.dataset.drawn = here ? `${view.axis} ${view.index}` : "";
}

// A mask comes as the bits of its box, row by row, the first bit highest; its outline runs along the edges of pixels.
function drawLayer({ box: [y0, x0, y1, x1], bits, colour, draft }, x, y, dense) {
  const width = x1 - x0, height = y1 - y0;
  if (!width) return;
  const packed = atob(bits), on = new Uint8Array(width * height);
  for (let i = 0; i < on.length; i++) on[i] = packed.charCodeAt(i >> 3) >> (7 - (i & 7)) & 1;
  const fill = tint.getContext("2d");
  fill.clearRect(0, 0, tint.width, tint.height);
  fill.fillStyle = colour;
  const path = new Path2D(), is = (r, c) => r >= 0 && c >= 0 && r < height && c < width && on[r * width + c];
  const edge = (a, b, c, d) => { path.moveTo(a * x, b * y); path.lineTo(c * x, d * y); };
  for (let r = 0; r < height; r++) for (let c = 0; c < width; c++) {
    if (!on[r * width + c]) continue;
    const a = x0 + c, b = y0 + r;
    fill.fillRect(a, b, 1, 1);
    if (!is(r - 1, c)) edge(a, b, a + 1, b);
    if (!is(r + 1, c)) edge(a, b + 1, a + 1, b + 1);
    if (!is(r, c - 1)) edge(a, b, a, b + 1);
    if (!is(r, c + 1)) edge(a + 1, b, a + 1, b + 1);
  }
  pen.save();
  pen.imageSmoothingEnabled = false;
  pen.globalAlpha = draft ? 0.35 : 0.2;
  pen.drawImage(tint, 0, 0, canvas.width, canvas.height);
  pen.globalAlpha = 1;
  pen.lineCap = "round";
  pen.strokeStyle = colour;
  pen.lineWidth = (draft ? 2.5 : 1.5) * dense;
  pen.stroke(path);
  pen.restore();
}

function drawMark({ kind, at, label }, x, y, dense) {
  const [[a, b]] = at;
  if (kind === "box") {
    rectangle(a * x, b * y, (at[1][0] + 1) * x, (at[1][1] + 1) * y, dense);
    return;
  }
  const px = (a + 0.5) * x, py = (b + 0.5) * y, r = 7 * dense, arm = 3.5 * dense;
  pen.beginPath();
  pen.arc(px, py, r, 0, 7);
  pen.fillStyle = label ? "#fff" : "#000";
  pen.strokeStyle = label ? "#000" : "#fff";
  pen.lineWidth = 1.5 * dense;
  pen.fill();
  pen.stroke();
  pen.beginPath();
  pen.moveTo(px - arm, py);
  pen.lineTo(px + arm, py);
  if (label) { pen.moveTo(px, py - arm); pen.lineTo(px, py + arm); }
  pen.stroke();
}

function rectangle(x0, y0, x1, y1, dense) {
  pen.save();
  pen.lineWidth = 1.5 * dense;
  pen.strokeStyle = "#000";
  pen.strokeRect(x0, y0, x1 - x0, y1 - y0);
  pen.setLineDash([6 * dense, 4 * dense]);
  pen.strokeStyle = "#fff";
  pen.strokeRect(x0, y0, x1 - x0, y1 - y0);
  pen.restore();
}

function controls() {
  const found = shown.answered.length > 0, carrying = shown.carrying;
  $("model").textContent = shown.model || "The model is being loaded …";
  $("words").textContent = shown.words || (carrying ? "Propagating …" : shown.busy ? "Working …" : "");
  $("words").classList.toggle("wrong", shown.wrong && shown.words !== "");
  for (const name of ["accept", "remove", "other"]) $(name).disabled = !found || carrying !== null || shown.busy;
  for (const name of ["add", "save", "end"]) $(name).disabled = carrying !== null;
  $("clear").disabled = carrying !== null || !(found || shown.marks.length);
  $("undo").disabled = carrying !== null || !shown.undo;
  $("propagate").textContent = carrying ? "Stop" : "Propagate";
  $("propagate").disabled = !carrying && !found;
  $("save").textContent = shown.unsaved ? "Save •" : "Save";
  $("progress").hidden = !carrying;
  if (carrying && carrying.total) Object.assign($("progress"), { max: carrying.total, value: carrying.done });
  else $("progress").removeAttribute("value");
  const count = about.axes[shown.axis].count;
  $("ticks").replaceChildren(...shown.answered.map(index => {
    const tick = document.createElement("i");
    tick.style.left = `${100 * index / Math.max(1, count - 1)}%`;
    return tick;
  }));
  if ($("segments").contains(document.activeElement) && document.activeElement.tagName === "INPUT") return;
  $("segments").replaceChildren(...shown.segments.map(row));
}

function row({ name, colour, ml }, number) {
  const item = document.createElement("li"), swatch = document.createElement("i");
  const input = document.createElement("input"), size = document.createElement("small");
  swatch.style.background = colour;
  input.value = name;
  input.setAttribute("aria-label", "Name of the segment");
  input.disabled = number !== shown.current || shown.carrying !== null;
  input.onkeydown = event => { event.stopPropagation(); if (event.key === "Enter" || event.key === "Escape") input.blur(); };
  input.onblur = () => { if (input.value.trim() !== name) tell("rename", { name: input.value }); };
  size.textContent = ml ? `${ml.toFixed(1)} mL` : "";
  item.className = number === shown.current ? "on" : "";
  item.onclick = () => { if (number !== shown.current) tell("select", { number }); };
  item.append(swatch, input, size);
  return item;
}

function frame() {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return [left, top, width, height];
}

canvas.onpointerdown = event => {
  if (!shown || (event.button !== 0 && event.button !== 2)) return;
  canvas.setPointerCapture(event.pointerId);
  const at = [event.clientX, event.clientY];
  drag = { button: event.button, from: at, at, box: false, low, high, off: event.ctrlKey || event.shiftKey || event.metaKey };
};
canvas.onpointermove = event => {
  if (!drag) return;
  drag.at = [event.clientX, event.clientY];
  const [dx, dy] = [drag.at[0] - drag.from[0], drag.at[1] - drag.from[1]];
  if (drag.button === 2) {
    // Right widens the window, down raises its level, as in other viewers.
    const width = Math.max((drag.high - drag.low) * Math.exp(dx / 200), 1e-6);
    const level = (drag.low + drag.high) / 2 + dy * (drag.high - drag.low) / 400;
    [low, high] = about.windows[view.channel] = [level - width / 2, level + width / 2];
    paint();
  } else if (Math.hypot(dx, dy) > CLICK || drag.box) {
    drag.box = !drag.off;
    draw();
  }
};
canvas.onpointerup = () => {
  const done = drag;
  drag = null;
  if (!done || done.button !== 0) return;
  if (done.box) tell("box", { from: done.from, at: done.at, frame: frame() });
  else tell("point", { at: done.at, frame: frame(), label: done.off ? 0 : 1 });
};
canvas.onpointercancel = () => { drag = null; draw(); };
canvas.oncontextmenu = event => event.preventDefault();
$("stage").addEventListener("wheel", event => {
  event.preventDefault();
  if (!about) return;
  if (event.ctrlKey || event.metaKey) {
    const [left, top, width, height] = frame(), [a, b] = [(event.clientX - left) / width, (event.clientY - top) / height];
    zoom = Math.max(1, Math.min(8, zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2)));
    draw();
    // What is under the mouse stays there.
    const now = frame();
    $("hold").scrollBy(now[0] + a * now[2] - event.clientX, now[1] + b * now[3] - event.clientY);
    return;
  }
  turned += event.deltaMode ? event.deltaY * STEP : event.deltaY;
  if (Math.abs(turned) < STEP) return;
  move(-Math.sign(turned));
  turned = 0;
}, { passive: false });
const move = by => { const from = wanted || view; look(from.axis, from.index + by); };
$("slider").oninput = () => look(view.axis, +$("slider").value);
for (const button of document.querySelectorAll("[data-axis]")) {
  button.onclick = () => look(button.dataset.axis, about.axes[button.dataset.axis].count >> 1);
}
for (const name of ["accept", "undo", "clear", "other", "add", "save"]) $(name).onclick = () => tell(name);
$("remove").onclick = () => tell("accept", { remove: true });
$("propagate").onclick = () => tell(shown.carrying ? "stop" : "propagate");
$("end").onclick = () => { if (shown.unsaved) $("ask").showModal(); else tell("end"); };
$("back").onclick = () => $("ask").close();
$("discard").onclick = () => { $("ask").close(); tell("end", { discard: true }); };
window.onresize = draw;
// Or Enter would press once more what was clicked.
window.onclick = event => { if (event.detail && event.target.tagName === "BUTTON") event.target.blur(); };
window.onkeydown = event => {
  const key = event.key.toLowerCase(), hold = event.ctrlKey || event.metaKey;
  const press = name => { event.preventDefault(); if (!$(name).disabled) $(name).click(); };
  if (document.querySelector("dialog[open]")) return;
  if (hold && key === "z") press("undo");
  else if (hold && key === "s") press("save");
  else if (hold || event.altKey) return;
  else if (key === "enter") { if (event.target.tagName !== "BUTTON") press(event.shiftKey ? "remove" : "accept"); }
  else if (key === "escape") press("clear");
  else if (about && about.channels[+key - 1]) look(view.axis, view.index, +key - 1);
  else if (key === "p") press("propagate");
  else if (key === "o") press("other");
  else if (["arrowup", "pageup"].includes(key)) { event.preventDefault(); move(1); }
  else if (["arrowdown", "pagedown"].includes(key)) { event.preventDefault(); move(-1); }
};
