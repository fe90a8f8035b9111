// GateLab: one to four units with one input, one of them under the hand. `values` computes every number and word of
// the picture gate_lab.svg; gate_lab.py computes the same dictionary, and the tests compare the two.
import { button, choice, element, menu, slider, tick } from "./controls.js";
import { frame } from "./settings.js";
import { checkedArrays, mapped, merged, numbersOf, placed, resized } from "./gate_units.js";
import { summary, sentence, values, why } from "./gate_values.js";
import { code } from "./gate_code.js";
import { change, ghost } from "./gate_ghost.js";

const GROUPS = [
  ["x", "input and old state", ["x", "h_prev"], ["all", "z", "r", "candidate", "h"]],
  ["z", "update gate z", ["W_z", "U_z", "b_z"], ["all", "z", "h"]],
  ["r", "reset gate r", ["W_r", "U_r", "b_r"], ["all", "r", "candidate"]],
  ["candidate", "candidate", ["W_h", "U_h", "b_h", "c_h"], ["all", "candidate", "h"]],
];
const TITLES = {
  x: "the input", h: "the old state", W: "weight of the input x", U: "weight of the old state", b: "bias",
  c: "bias inside the reset, with the reset after the product",
};
const COUNTS = ["1", "2", "3", "4"]; // of units; the units themselves are 0 to 3

// The arrays of all units with what a preset sets, in the convention of `state`
function withPreset({ arrays, units, update }, numbers, start) {
  if ("x" in numbers) return resized(start, units, start);
  const bias = { keep: update === "keep" ? 8 : -8, write: update === "keep" ? -8 : 8 };
  const changed = Object.entries(numbers).map(([name, value]) => [name, mapped(arrays[name], () => bias[value] ?? value)]);
  return { ...arrays, ...Object.fromEntries(changed) };
}

const same = (one, other) =>
  Array.isArray(one) ? one.length === other?.length && one.every((value, i) => same(value, other[i]))
    : typeof one === "object" ? Object.keys(one).every((name) => same(one[name], other[name]))
      : one === other;

// Text to the clipboard; where the browser refuses, into a text area, selected for the keyboard to copy.
function copyButton(makeText, says) {
  const area = element("textarea", {
    readonly: "", rows: 16, hidden: true, spellcheck: "false", "aria-label": "Code of what the lab shows",
    "data-name": "code", "data-lm-suppress-shortcuts": "true",
  });
  says.parentElement.append(area);
  async function copyText() {
    const text = makeText();
    area.value = text;
    try {
      await navigator.clipboard.writeText(text);
      area.hidden = true;
      says.textContent = "Copied: paste it into a new cell and run it.";
    } catch {
      area.hidden = false;
      area.focus();
      area.select();
      says.textContent = "The browser keeps its clipboard closed here: the code stands below, selected; press Ctrl+C.";
    }
  }
  // The text is that of one moment: it goes when the lab moves on.
  const show = () => {
    if (!area.hidden && area.value !== makeText()) area.hidden = true;
  };
  return [button("copy", "Copy as code", copyText), show];
}

function build({ controls, set, state, spec, host }, marks) {
  const shows = [];
  const says = host.querySelector(".gl-says");
  const { ranges, presets, start } = spec;
  // By the learner's hand: the ghost stays behind where a gesture begins.
  const move = (name, ...changes) => {
    marks.touch(name);
    set(changes);
  };

  const pick = menu("preset", "Preset of the gates", Object.keys(presets), "your own numbers", (name) =>
    move("preset", ["x", presets[name].x ?? state.x], ["arrays", withPreset(state, presets[name], start)]));
  const isNow = (numbers) => (numbers.x ?? state.x) === state.x && same(withPreset(state, numbers, start), state.arrays);
  shows.push(() => pick.show(Object.keys(presets).find((name) => isNow(presets[name])) ?? ""));
  const many = menu("units", "Units", COUNTS, "", (value) => set([["units", Number(value)]]));
  many.row.querySelector("option").remove(); // there is no other number of units
  shows.push(() => many.show(String(state.units)));
  const top = element("div", { class: "gg-top" }, pick.row, many.row);
  shows.push(() => (top.hidden = state.focus !== "all"));
  const hand = choice("unit", "unit under your hand", COUNTS.map((_, k) => [String(k), String(k)]), (name, k) => set([[name, Number(k)]]));
  hand.row.classList.add("gg-hand");
  shows.push(() => {
    hand.row.hidden = state.units === 1;
    host.classList.toggle("gg-many", state.units > 1);
    hand.show(state.units > 1 ? String(state.unit) : "");
    hand.row.querySelectorAll(".gl-choice").forEach((one, k) => (one.hidden = k >= state.units));
  });
  controls.append(top, hand.row);

  // A slider that shows `now()`, moved only when that has changed
  function add(field, made, now) {
    let last;
    field.append(made.row);
    shows.push(() => {
      const value = now();
      if (value !== last && value !== undefined) made.show((last = value));
    });
    return made;
  }
  for (const [gate, title, members, focuses] of GROUPS) {
    const field = element("fieldset", { style: `--gate: var(--gru-${gate})` }, element("legend", {}, title));
    for (const name of members) {
      const own = slider(name, ranges[name], TITLES[name[0]], (_, value) => move(name, [name, value]));
      add(field, own, () => state[name]);
      if (name === "c_h") shows.push(() => (own.input.disabled = state.reset === "before"));
      if (name[0] !== "U") continue;
      for (const [from] of COUNTS.entries()) {
        const title = `weight of the old state of unit ${from} in the unit under your hand`;
        const cross = slider(`${name} from ${from}`, ranges[name], title, (_, value) =>
          move(cross.input.dataset.name, ["arrays", placed(state.arrays, name, value, state.unit, from)]));
        cross.input.dataset.name = `${name}[${from}]`;
        add(field, cross, () => state.arrays[name][from]?.[state.unit]);
        shows.push(() => (cross.row.hidden = from >= state.units || from === state.unit));
      }
    }
    controls.append(field);
    shows.push(() => (field.hidden = !focuses.includes(state.focus)));
  }

  const meanings = [["keep", "kept of the old state"], ["write", "written of the candidate"]];
  const places = [["after", "after the product with U"], ["before", "before the product with U"]];
  const update = choice("update", "z is the share", meanings, (name, value) => move(name, [name, value]));
  const reset = choice("reset", "r acts", places, (name, value) => move(name, [name, value]));
  update.row.append(button("carry", "Switch z's meaning and negate its weights", () => {
    const negative = ["W_z", "U_z", "b_z"].map((name) => [name, mapped(state.arrays[name], (value) => 0 - value)]);
    const arrays = { ...state.arrays, ...Object.fromEntries(negative) };
    move("carry", ["update", state.update === "keep" ? "write" : "keep"], ["arrays", arrays]);
  }));
  const mark = tick("ghost", "mark where it was before", (name, value) => set([[name, value]]));
  const [copy, showCopy] = copyButton(() => code(state), says);
  const extras = element("div", { class: "gg-extras" }, mark.row, copy);
  controls.append(element("div", { class: "gl-switches" }, update.row, reset.row, extras));
  shows.push(() => update.show(state.update), () => reset.show(state.reset), () => mark.show(state.ghost), showCopy);
  shows.push(() => (update.row.hidden = !["all", "z", "h"].includes(state.focus)));
  shows.push(() => (reset.row.hidden = !["all", "candidate"].includes(state.focus)));
  return { shows };
}

function render(given) {
  const { model } = given;
  const STRUCTURE = ["units", "unit", "arrays"];
  const known = Object.fromEntries(STRUCTURE.map((name) => [name, model.get(name)])); // what Python knew a moment ago
  let [ours, marks] = [model.get("arrays"), null];

  // The chosen unit's numbers stand in `arrays` too: what changes in one place changes in the other.
  function moved(state, name, spec, byHand) {
    let changed = true;
    // One message may set several names; which unit a number belongs to must be known before it is put in its place.
    for (const one of ["units", "unit"]) {
      if (!byHand && model.get(one) !== known[one]) state[one] = model.get(one);
    }
    if (name === "arrays") {
      const both = byHand ? state.arrays : merged(ours, known.arrays, state.arrays);
      changed = !same(both, ours);
      if (!same(both, state.arrays)) state.arrays = both;
      state.units = both.h_prev.length;
    } else if (state.arrays.h_prev.length !== state.units) {
      state.arrays = resized(state.arrays, state.units, spec.start);
    }
    state.unit = Math.min(state.unit, state.units - 1);
    if (name in state.arrays) state.arrays = placed(state.arrays, name, state[name], state.unit);
    Object.assign(state, numbersOf(state.arrays, state.unit));
    ours = state.arrays;
    if (byHand ? name === "units" || name === "unit" : changed) marks.drop();
  }

  const end = frame(given, {
    title: "GateLab: gated recurrent units",
    look: "gl-gates",
    more: { arrays: (value, { ranges, start }) => checkedArrays(value, ranges, start) },
    moved,
    values: (state) => marks.mark(values(state), state.ghost),
    sentence: (v) => change(v) + sentence(v),
    alt: summary,
    why,
    build: (parts) => build(parts, (marks = ghost(parts.controls))),
  });
  if (!end) return undefined;
  // Name by name, for a message may set several at once.
  const remember = STRUCTURE.map((name) => [`change:${name}`, () => (known[name] = model.get(name))]);
  for (const [event, note] of remember) model.on(event, note);
  return () => {
    end();
    for (const [event, note] of remember) model.off(event, note);
  };
}

export default { render };
