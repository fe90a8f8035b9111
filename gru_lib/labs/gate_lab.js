// GateLab: one unit with one input. `values` computes every number and word of the picture gate_lab.svg;
// gate_lab.py computes the same dictionary, and the tests compare the two.
import { step } from "./gru.js";
import { picture, written } from "./picture.js";
import { button, choice, element, guarded, menu, slider } from "./controls.js";

const WEIGHTS = ["W_z", "U_z", "b_z", "W_r", "U_r", "b_r", "W_h", "U_h", "b_h", "c_h"];
const CHOICES = { update: ["keep", "write"], reset: ["after", "before"], focus: ["all", "z", "r", "candidate", "h"] };
const GROUPS = [
  ["x", "input and old state", ["x", "h_prev"], CHOICES.focus],
  ["z", "update gate z", ["W_z", "U_z", "b_z"], ["all", "z", "h"]],
  ["r", "reset gate r", ["W_r", "U_r", "b_r"], ["all", "r", "candidate"]],
  ["candidate", "candidate", ["W_h", "U_h", "b_h", "c_h"], ["all", "candidate", "h"]],
];
const TITLES = {
  x: "the input", h: "the old state", W: "weight of the input x", U: "weight of the old state", b: "bias",
  c: "bias inside the reset, with the reset after the product",
};

const thousandths = (value) => (value < 0 ? -1 : 1) * Math.round(Number(Math.abs(value).toFixed(3)) * 1000);

// first and second rounded to three decimals, the worse rounded one moved so that they add up to total
function addUp(total, first, second) {
  const parts = [thousandths(first), thousandths(second)];
  const gap = thousandths(total) - parts[0] - parts[1];
  parts[gap * (first * 1000 - parts[0]) >= gap * (second * 1000 - parts[1]) ? 0 : 1] += gap;
  return parts.map((part) => part / 1000);
}

const cut = (value, end) => Math.max(-end, Math.min(end, value));

function values(state) {
  const gru = { reset: state.reset, update: state.update };
  for (const name of WEIGHTS) gru[name] = "WU".includes(name[0]) ? [[state[name]]] : [state[name]];
  const v = { ...state };
  for (const [name, [value]] of Object.entries(step(gru, [state.x], [state.h_prev]))) v[name] = value;
  v.dropped = v.write * v.h_prev;
  v.unused = v.keep * v.candidate;

  // as printed: rounded so that what should add up does so to the last printed digit
  const z = thousandths(v.z);
  const keeps = state.update === "keep";
  v.shown_keep = (keeps ? z : 1000 - z) / 1000;
  v.shown_write = (keeps ? 1000 - z : z) / 1000;
  v.keep_name = keeps ? "z" : "1 \u2212 z";
  v.write_name = keeps ? "1 \u2212 z" : "z";
  [v.shown_kept, v.shown_written] = addUp(v.h, v.kept, v.written);
  [v.shown_from_x, v.shown_from_h] = addUp(v.a_h, v.from_x, v.from_h);
  v.shown_dropped = thousandths(v.h_prev) / 1000 - v.shown_kept;
  v.shown_unused = thousandths(v.candidate) / 1000 - v.shown_written;

  // as drawn: values cut where an axis or a flow ends, and the marks that say so
  for (const name of ["from_x", "at_door", "let_through", "from_h"]) v[`wide_${name}`] = cut(v[name], 2);
  for (const [name, end] of [["a_z", 8], ["a_r", 8], ["a_h", 4]]) {
    v[`at_${name}`] = cut(v[name], end);
    v[`beyond_${name}`] = v[name] > end ? "\u25b8" : v[name] < -end ? "\u25c2" : "";
  }
  for (const name of ["x", "h_prev", "candidate", "h", "from_x", "at_door", "from_h"]) {
    v[`stripes_${name}`] = v[name] < 0 ? "7 4" : "";
  }
  v.gauge_top = keeps ? 100 : 204 - 104 * v.z;
  const alone = state.focus !== "all";
  v.result_x = alone ? "0" : "";
  v.result_dy = alone ? "25" : "";
  v.result_dx = alone ? "" : "6";
  v.numbers_y = alone ? 25 : 18;
  v.height = alone ? 544 : 624;
  ["z", "r", "candidate", "h"].forEach((part, i) => {
    v[`place_${part}`] = alone ? "translate(8 322) scale(1.6)" : `translate(${8 + 180 * i} 322)`;
    const large = `translate(290 380) scale(${part === "candidate" ? 1 : 1.25})`;
    v[`line_${part}`] = alone ? large : `translate(8 ${470 + 42 * i})`;
  });
  return v;
}

function sentence(v) {
  const keep = Math.round(100 * v.keep);
  return (
    `Update gate z = ${written(v.z)}: the unit keeps ${keep} % of the old state ${written(v.h_prev)} and ` +
    `writes ${100 - keep} % of the candidate ${written(v.candidate)}. Reset gate r = ${written(v.r)}: the ` +
    `candidate hears ${Math.round(100 * v.r)} % of the old state. New state h = ${written(v.h)}.`
  );
}

function why(state) {
  const update = state.update === "keep"
    ? "z keeps the old state (Cho et al. 2014, Keras, PyTorch)."
    : "z writes the candidate (Chung et al. 2014): the same weights give the same z, but it does the opposite. " +
      "Carry the weights over, which negates W_z, U_z and b_z, and h is what it was, for " +
      "\u03c3(\u2212a) = 1 \u2212 \u03c3(a).";
  const reset = state.reset === "before"
    ? "The reset acts before the product with U_h; c_h plays no part."
    : state.c_h === 0
      ? "With one unit and c_h = 0, reset before and after give the same number; move c_h and they differ. " +
        "With several units they differ anyway."
      : "The reset acts after the product, so it also scales c_h.";
  return { all: `${update} ${reset}`, z: update, r: "", candidate: reset, h: update }[state.focus];
}

function render({ model, el }) {
  const alert = element("p", { role: "alert", hidden: true });
  const says = element("p", { class: "gl-says", "aria-live": "polite" });
  const because = element("p", { class: "gl-why" });
  const controls = element("div", { class: "gl-controls" });
  const stage = element("div", { class: "gl-stage" });
  const columns = element("div", { class: "gl-columns" }, controls, element("div", {}, stage, says, because));
  const lab = element("div", { class: "gru-lab", role: "group", "aria-label": "GateLab: one gated recurrent unit" });
  lab.append(alert, columns);
  el.append(lab);

  const { ranges, presets } = model.get("_spec");
  const names = [...Object.keys(ranges), ...Object.keys(CHOICES)];
  const state = {};
  let timer = 0;
  let move = null;
  const sliders = {};
  const shows = [];

  function accept(name, value) {
    if (name in ranges) {
      const [low, high] = ranges[name];
      if (!(value >= low && value <= high)) {
        throw new Error(`${name} must be a number from ${low} to ${high}, not ${value}`);
      }
    } else if (!CHOICES[name].includes(value)) {
      throw new Error(`${name} must be one of ${CHOICES[name].join(", ")}, not ${value}`);
    }
    state[name] = value;
  }

  function presetNumbers(name) {
    const bias = { keep: state.update === "keep" ? 8 : -8, write: state.update === "keep" ? -8 : 8 };
    return Object.entries(presets[name]).map(([key, value]) => [key, bias[value] ?? value]);
  }

  function draw() {
    move(values(state));
    for (const show of shows) show();
  }

  // What was set goes to Python, and into words, when the learner pauses: neither is on the way to the picture.
  function settle() {
    const text = sentence(values(state));
    says.textContent = text;
    because.textContent = why(state);
    stage.firstElementChild.setAttribute("aria-label", `One gated recurrent unit. ${text}`);
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

  const set = guarded(alert, (changes) => {
    for (const [name, value] of changes) accept(name, value);
    drawAndSettleLater();
  });

  function carry() {
    const other = state.update === "keep" ? "write" : "keep";
    set([["update", other], ...["W_z", "U_z", "b_z"].map((name) => [name, 0 - state[name]])]);
  }

  function build() {
    move = picture(stage, model.get("_template"));
    stage.firstElementChild.setAttribute("role", "img");
    const pick = menu("preset", "Preset of the gates", Object.keys(presets), "your own numbers", (name) =>
      set(presetNumbers(name)));
    controls.append(pick.row);
    shows.push(() => (pick.row.hidden = state.focus !== "all"));
    const current = () =>
      Object.keys(presets).find((name) => presetNumbers(name).every(([key, value]) => state[key] === value)) ?? "";
    shows.push(() => pick.show(current()));
    for (const [gate, title, members, focuses] of GROUPS) {
      const field = element("fieldset", { style: `--gate: var(--gru-${gate})` }, element("legend", {}, title));
      for (const name of members) {
        sliders[name] = slider(name, ranges[name], TITLES[name[0]], (key, value) => set([[key, value]]));
        field.append(sliders[name].row);
        let last;
        shows.push(() => {
          if (state[name] !== last) sliders[name].show((last = state[name]));
        });
      }
      controls.append(field);
      shows.push(() => (field.hidden = !focuses.includes(state.focus)));
    }
    shows.push(() => (sliders.c_h.input.disabled = state.reset === "before"));
    const meanings = [["keep", "kept of the old state"], ["write", "written of the candidate"]];
    const places = [["after", "after the product with U"], ["before", "before the product with U"]];
    const update = choice("update", "z is the share", meanings, (name, value) => set([[name, value]]));
    const reset = choice("reset", "r acts", places, (name, value) => set([[name, value]]));
    const over = button("carry", "Carry the weights over", carry);
    update.row.append(over);
    controls.append(element("div", { class: "gl-switches" }, update.row, reset.row));
    shows.push(() => update.show(state.update), () => reset.show(state.reset));
    shows.push(() => (update.row.hidden = !["all", "z", "h"].includes(state.focus)));
    shows.push(() => (reset.row.hidden = !["all", "candidate"].includes(state.focus)));
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
