// GradientLab: how far a gradient reaches back through a plain RNN, a GRU and an LSTM. `valuesOf` computes every
// number and word of the picture gradient_lab.svg; gradient_lab.py computes the same dictionary, and the tests compare
// the two.
import { flowOfCell } from "./cells.js";
import { choice, element } from "./controls.js";
import { frame, ruler } from "./settings.js";

const NAMES = { rnn: "plain RNN", gru: "GRU", lstm: "LSTM" };
const PATHS = ["carry", "update", "reset", "candidate"];
const FAR = 1000; // a gradient that changes by more than this factor has vanished or exploded
const SOME = 10; // by more than this one, faded or grown
const RAISED = "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
const hundredths = (value) => (value < 0 ? "\u2212" : "") + Math.abs(value).toFixed(2);
// The threshold's slider is that of its power of ten.
const POWERS = { toPosition: Math.log10, toValue: (position) => 10 ** position };
// name, label, what it is, and how its slider differs from steps of 0.05 and two decimals
const SLIDERS = [
  ["radius", "recurrent scale (spectral radius)", "the largest eigenvalue of every recurrent matrix, in size", {}],
  ["gate_bias", "bias of the keeping gate", "of the GRU's update gate and of the LSTM's forget gate", {}],
  ["length", "sequence length", "steps from the first to the last", { step: 1, text: String }],
  ["input_scale", "input scale", "what the random input is multiplied by", {}],
  ["threshold", "clip updates longer than", "the learning rate is 1, so an update is as long as its gradient",
    { ...POWERS, text: power }],
];

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

// What becomes of a gradient that changes by this factor from lag 0 to the last, in a word
function fate(ratio) {
  if (ratio < 1 / SOME) return ratio < 1 / FAR ? "vanishes" : "fades";
  if (ratio > SOME) return ratio > FAR ? "explodes" : "grows";
  return "lasts";
}

function inWords(v, flows) {
  const last = v.length - 1;
  const cells = Object.keys(NAMES);
  const told = cells.map((cell) => {
    const ratio = flows[cell].norm[last] / flows[cell].norm[0];
    return `${NAMES[cell]} ${fate(ratio)} (\u00d7 ${(ratio ** (1 / last)).toFixed(2)} a step)`;
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
  const words =
    " Vanishes and explodes mean a change by more than a factor of 1000 over all lags, fades and grows " +
    "by more than 10.";
  return input + gate + words;
}

function render(given) {
  let flows = null;
  let flowsFor = "";

  // Clipping and the choice of what is shown leave the flows as they are.
  function values(state, spec) {
    const asked = [state.radius, state.gate_bias, state.length, state.input_scale].join();
    if (asked !== flowsFor) flows = flowsOf(spec, state);
    flowsFor = asked;
    return valuesOf(state, flows);
  }

  function build({ controls, set, state, spec, host }) {
    const shows = [];
    for (const [name, label, title, differs] of SLIDERS) {
      const [low, high] = spec.ranges[name];
      const scale = { low, high, step: 0.05, text: hundredths, ...differs };
      const made = ruler(name, label, title, scale, (key, value) => set([[key, value]]));
      made.row.classList.add("gl-long");
      controls.append(made.row);
      shows.push(() => made.show(state[name]));
    }
    const options = [["hide", "not shown"], ["show", "carry, update, reset, candidate"]];
    const paths = choice("paths", "the GRU's paths", options, (name, value) => set([[name, value]]));
    controls.append(element("div", { class: "gl-switches" }, paths.row));
    shows.push(() => paths.show(state.paths));
    shows.push(() => (host.flows = flows)); // every number of the curves, for the tests and the curious
    return { shows };
  }

  const sentence = (v) => inWords(v, flows);
  const alt = (v) => `Gradients of a plain RNN, a GRU and an LSTM by lag, and their updates. ${sentence(v)}`;
  const title = "GradientLab: the gradient of three recurrent cells by lag";
  return frame(given, { title, values, sentence, alt, why: reason, build });
}

export default { render };
