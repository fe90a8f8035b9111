// GradientLab: how far a gradient reaches back through a plain RNN, a GRU and an LSTM. `valuesOf` computes every
// number and word of the picture gradient_lab.svg; gradient_lab.py computes the same dictionary, and the tests compare
// the two.
import { flowOfCell } from "./cells.js";
import { choice, element, guarded } from "./controls.js";
import { picture } from "./picture.js";

const NAMES = { rnn: "plain RNN", gru: "GRU", lstm: "LSTM" };
const PATHS = ["carry", "update", "reset", "candidate"];
const FAR = 1000; // a gradient that changes by more than this factor has vanished or exploded
const RAISED = "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
const SHOWN = { paths: ["hide", "show"] };
// name, label, step, and how the value is written; the threshold's slider is that of its power of ten
const SLIDERS = [
  ["radius", "recurrent scale (spectral radius)", 0.05, (value) => value.toFixed(2)],
  ["gate_bias", "bias of the keeping gate", 0.05, (value) => (value < 0 ? "\u2212" : "") + Math.abs(value).toFixed(2)],
  ["length", "sequence length", 1, (value) => String(value)],
  ["input_scale", "input scale", 0.05, (value) => value.toFixed(2)],
  ["threshold", "clip updates longer than", 0.05, (value) => power(value)],
];
const WHAT = {
  radius: "the largest eigenvalue of every recurrent matrix, in size",
  gate_bias: "of the GRU's update gate and of the LSTM's forget gate",
  length: "steps from the first to the last",
  input_scale: "what the random input is multiplied by",
  threshold: "the learning rate is 1, so an update is as long as its gradient",
};

const between = (value, low, high) => Math.max(low, Math.min(high, value));
const exponentOf = (value, low, high) => (value > 1e-300 ? between(Math.log10(value), low, high) : low);
const tenth = (value) => String(Math.floor(value * 10 + 0.5) / 10);
const heightOf = (norm) => 190 - 12.5 * exponentOf(norm, -12, 12);
const updateHeight = (length) => 240 - 50 * exponentOf(length, -2, 4);
const shareHeight = (share) => 538 - 60 * between(share, -0.5, 1.5);

// A positive number with two or three digits that count: 0.052, 3.41, 12.0, 2.3 x 10^-8
function power(value) {
  if (value === 0) return "0";
  if (value >= 1e-3 && value < 999.5) return value.toFixed(value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0);
  const [digits, exponent] = value.toExponential(1).split("e");
  const raised = exponent.replace("+", "").replace(/./g, (sign) => RAISED["-0123456789".indexOf(sign)]);
  return `${digits} \u00d7 10${raised}`;
}

// Shares in whole per cent, those rounded worst moved by one so that they add up as printed
function percentages(shares) {
  const exact = shares.map((share) => 100 * share);
  const whole = exact.map((value) => Math.floor(value + 0.5));
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  let gap = Math.floor(sum(exact) + 0.5) - sum(whole);
  for (const sign = Math.sign(gap); gap !== 0; gap -= sign) {
    const errors = exact.map((value, k) => sign * (value - whole[k]));
    whole[errors.indexOf(Math.max(...errors))] += sign;
  }
  return whole.map((value) => `${value < 0 ? "\u2212" : ""}${Math.abs(value)}`);
}

// The path of a curve as far as it lies within the axis, and the last lag that it reaches
function curveOf(norm) {
  const inside = (lag) => norm[lag] >= 1e-12 && norm[lag] <= 1e12;
  let [text, last] = ["", -2];
  norm.forEach((value, lag) => {
    if (!inside(lag - 1) && !inside(lag) && !inside(lag + 1)) return;
    text += `${last === lag - 1 ? "L" : "M"}${tenth(56 + 4.2 * lag)} ${tenth(heightOf(value))}`;
    last = lag;
  });
  return [text, last];
}

// Heights for labels, at least 14 apart, near where they belong and between `top` and `bottom`
function apart(ends, top, bottom) {
  const order = Object.keys(ends).sort((a, b) => ends[a] - ends[b]);
  const y = order.map((name) => ends[name]);
  y[0] = Math.max(y[0], top);
  for (let i = 1; i < y.length; i += 1) y[i] = Math.max(y[i], y[i - 1] + 14);
  y[y.length - 1] = Math.min(y[y.length - 1], bottom);
  for (let i = y.length - 2; i >= 0; i -= 1) y[i] = Math.min(y[i], y[i + 1] - 14);
  return order.map((name, i) => [name, y[i]]);
}

// The flow of each cell, from the random numbers drawn in Python
function flowsOf({ U, W, x, gates }, state) {
  const input = x.slice(0, state.length).map(([value]) => state.input_scale * value);
  const flows = {};
  for (const [cell, places] of Object.entries(gates)) {
    const weights = { W: {}, U: {}, bias: state.gate_bias };
    for (const [gate, place] of Object.entries(places)) {
      weights.W[gate] = W[place];
      weights.U[gate] = new Float64Array(U[place]).map((value) => state.radius * value);
    }
    flows[cell] = flowOfCell(cell, weights, input);
  }
  return flows;
}

function valuesOf(state, flows) {
  const v = { ...state };
  let ends = {};
  for (const [cell, { norm }] of Object.entries(flows)) {
    const last = norm[norm.length - 1];
    const [text, end] = curveOf(norm);
    v[`curve_${cell}`] = text;
    v[`last_${cell}`] = last;
    const beyond = last < 1e-12 ? " \u25be" : last > 1e12 ? " \u25b4" : "";
    v[`label_${cell}`] = (cell === "rnn" ? "RNN" : NAMES[cell]) + beyond;
    v[`end_x_${cell}`] = 62 + 4.2 * end;
    ends[cell] = heightOf(norm[end]) + 4;
  }
  for (const [cell, y] of apart(ends, 44, 338)) v[`end_y_${cell}`] = y;
  v.threshold_y = updateHeight(state.threshold);
  v.threshold_text = `threshold ${power(state.threshold)}`;
  for (const [cell, { update: raw }] of Object.entries(flows)) {
    const clipped = Math.min(raw, state.threshold);
    Object.assign(v, { [`raw_${cell}`]: raw, [`clipped_${cell}`]: clipped });
    Object.assign(v, { [`raw_y_${cell}`]: updateHeight(raw), [`clipped_y_${cell}`]: updateHeight(clipped) });
    Object.assign(v, { [`raw_text_${cell}`]: power(raw), [`clipped_text_${cell}`]: power(clipped) });
    v[`beyond_${cell}`] = raw > 1e4 ? "\u25b4" : "";
  }
  ends = {};
  const { norm, paths } = flows.gru;
  const shares = paths.map((path) => Array.from(path, (part, lag) => (norm[lag] > 0 ? part / norm[lag] : 0)));
  const shown = percentages(shares.map((share) => share[share.length - 1]));
  PATHS.forEach((path, k) => {
    const share = shares[k][shares[k].length - 1];
    v[`share_${path}`] = share;
    v[`curve_${path}`] = `M${shares[k].map((s, lag) => `${tenth(56 + 4.2 * lag)} ${tenth(shareHeight(s))}`).join("L")}`;
    v[`label_${path}`] = `${path} ${shown[k]} %`;
    ends[path] = shareHeight(share) + 4;
  });
  for (const [path, y] of apart(ends, 452, 572)) v[`share_y_${path}`] = y;
  v.share_x = 62 + 4.2 * (state.length - 1);
  v.picture_height = state.paths === "show" ? 598 : 426;
  return v;
}

function inWords(v, flows) {
  const last = v.length - 1;
  const cells = Object.keys(NAMES);
  const told = cells.map((cell) => {
    const ratio = flows[cell].norm[last] / flows[cell].norm[0];
    const word = ratio < 1 / FAR ? "vanishes" : ratio > FAR ? "explodes" : "lasts";
    return `${NAMES[cell]} ${word} (\u00d7 ${(ratio ** (1 / last)).toFixed(2)} a step)`;
  });
  const clipped = cells
    .filter((cell) => v[`raw_text_${cell}`] !== v[`clipped_text_${cell}`])
    .map((cell) => `${NAMES[cell]} ${v[`raw_text_${cell}`]} to ${v[`clipped_text_${cell}`]}`);
  let text = `From lag 0 to lag ${last}: ${told.join(", ")}. `;
  text += clipped.length
    ? `Clipped at ${power(v.threshold)}: ${clipped.join(", ")}.`
    : `No update is longer than ${power(v.threshold)}: none is clipped.`;
  if (v.paths === "show") {
    text += ` Of the GRU's gradient at lag ${last}: ${PATHS.map((path) => v[`label_${path}`]).join(", ")}.`;
  }
  return text;
}

function reason(state) {
  const input = state.input_scale === 0
    ? "Without input every state stays 0, where tanh has slope 1: the plain RNN's Jacobian is a power of its matrix, " +
      "and its gradient changes by about the radius at every step."
    : state.radius > 1
      ? "A radius above 1 lets the plain RNN explode only where its tanh is not saturated: lower the input scale."
      : "With a radius of at most 1 the plain RNN's gradient shrinks, the more so the more its tanh is saturated.";
  const keep = 1 / (1 + Math.exp(-state.gate_bias));
  const gate =
    ` With input and state 0 a keeping gate of this bias is \u03c3(b) = ${keep.toFixed(2)}: so much the carry passes ` +
    "at each step.";
  const words = " Vanished and exploded mean a change by more than a factor of 1000.";
  return input + gate + words;
}

function longSlider(name, text, title, [low, high], step, onInput) {
  const id = `gradient-lab-${Math.random().toString(36).slice(2)}`; // one of a kind, also beside another lab
  const input = element("input", {
    type: "range", id, min: low, max: high, step, "data-name": name, "data-lm-suppress-shortcuts": "true",
    oninput: () => onInput(Number(input.value)),
  });
  const output = element("output", { for: id });
  const row = element("div", { class: "gl-long", title }, element("label", { for: id }, text), output, input);
  return { row, input, output };
}

function render({ model, el }) {
  const alert = element("p", { role: "alert", hidden: true });
  const says = element("p", { class: "gl-says", "aria-live": "polite" });
  const because = element("p", { class: "gl-why" });
  const controls = element("div", { class: "gl-controls" });
  const stage = element("div", { class: "gl-stage" });
  const columns = element("div", { class: "gl-columns" }, controls, element("div", {}, stage, says, because));
  const label = "GradientLab: the gradient of three recurrent cells by lag";
  const lab = element("div", { class: "gru-lab", role: "group", "aria-label": label });
  lab.append(alert, columns);
  el.append(lab);

  const spec = model.get("_spec");
  const { ranges } = spec;
  const names = [...Object.keys(ranges), ...Object.keys(SHOWN)];
  const state = {};
  const shows = [];
  let [timer, move, flows, computedFor, now] = [0, null, null, "", null];

  function accept(name, value) {
    if (name in ranges) {
      const [low, high] = ranges[name];
      if (!(value >= low && value <= high)) {
        throw new Error(`${name} must be a number from ${low} to ${high}, not ${value}`);
      }
      if (name === "length" && !Number.isInteger(value)) throw new Error(`length must be a whole number, not ${value}`);
    } else if (!SHOWN[name].includes(value)) {
      throw new Error(`${name} must be one of ${SHOWN[name].join(", ")}, not ${value}`);
    }
    state[name] = value;
  }

  function draw() {
    const inputs = [state.radius, state.gate_bias, state.length, state.input_scale].join();
    if (inputs !== computedFor) flows = flowsOf(spec, state);
    computedFor = inputs;
    now = valuesOf(state, flows);
    move(now);
    for (const show of shows) show();
    lab.flows = flows; // every number of the curves, for the tests and the curious
  }

  // What was set goes to Python, and into words, when the learner pauses: neither is on the way to the picture.
  function settle() {
    const text = inWords(now, flows);
    says.textContent = text;
    because.textContent = reason(state);
    const alt = `Gradients of a plain RNN, a GRU and an LSTM by lag, and their updates. ${text}`;
    stage.firstElementChild.setAttribute("aria-label", alt);
    if (stage.scrollWidth > stage.clientWidth) stage.tabIndex = 0; // so that the keyboard can scroll it
    else stage.removeAttribute("tabindex");
    const changed = names.filter((name) => model.get(name) !== state[name]);
    if (changed.length === 0) return;
    for (const name of changed) model.set(name, state[name]);
    model.save_changes();
  }

  function drawAndSettleLater() {
    draw();
    clearTimeout(timer);
    timer = setTimeout(guarded(alert, settle), 120);
  }

  const set = guarded(alert, (name, value) => {
    accept(name, value);
    drawAndSettleLater();
  });

  function build() {
    move = picture(stage, model.get("_template"));
    stage.firstElementChild.setAttribute("role", "img");
    for (const [name, text, step, write] of SLIDERS) {
      const [low, high] = ranges[name];
      const isPower = name === "threshold";
      const range = isPower ? [Math.log10(low), Math.log10(high)] : [low, high];
      // a power of ten, cut where rounding would leave the range
      const taken = (value) => set(name, isPower ? between(10 ** value, low, high) : value);
      const one = longSlider(name, text, WHAT[name], range, step, taken);
      let last;
      shows.push(() => {
        if (state[name] === last) return;
        last = state[name];
        const place = isPower ? Math.log10(last) : last;
        if (Math.abs(Number(one.input.value) - place) > 1e-9) one.input.value = place;
        one.output.textContent = write(last);
        one.input.setAttribute("aria-valuetext", write(last));
      });
      controls.append(one.row);
    }
    const options = [["hide", "not shown"], ["show", "carry, update, reset, candidate"]];
    const paths = choice("paths", "the GRU's paths", options, set);
    controls.append(element("div", { class: "gl-switches" }, paths.row));
    shows.push(() => paths.show(state.paths));
  }

  guarded(alert, build)();
  if (!move) return undefined;
  // One name at a time: what the learner has set and not yet sent must not be undone by what Python knows.
  const follow = names.map((name) => [`change:${name}`, guarded(alert, () => {
    if (model.get(name) === state[name]) return;
    accept(name, model.get(name));
    drawAndSettleLater();
  })]);
  guarded(alert, () => {
    for (const name of names) accept(name, model.get(name));
    draw();
    settle();
  })();
  for (const [event, moved] of follow) model.on(event, moved);
  return () => {
    clearTimeout(timer);
    for (const [event, moved] of follow) model.off(event, moved);
  };
}

export default { render };
