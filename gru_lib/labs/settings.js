// What labs have in common around their picture: settings that are checked, drawn at once, sent to Python and put
// into words when the learner pauses, and followed when Python sets them. settings.py is the other half.
import { picture } from "./picture.js";
import { element, guarded } from "./controls.js";

// An input finds its label by id, which must be one of a kind in the page, also when every lab has a copy of this text.
const mark = Math.random().toString(36).slice(2, 10);
let rulers = 0;

// A slider whose label is a word. `toValue` and `toPosition` translate between the slider and the number it stands
// for; `text` writes the number.
export function ruler(name, label, title, scale, onInput) {
  const { low, high, step, toValue = Number, toPosition = Number, text = String } = scale;
  const id = `gru-ruler-${mark}-${(rulers += 1)}`;
  const input = element("input", {
    type: "range", id, min: toPosition(low), max: toPosition(high), step, "data-name": name,
    "data-lm-suppress-shortcuts": "true", oninput: () => onInput(name, read()),
  });
  const output = element("output", { for: id });
  // The browser rounds the ends of a slider: without care the last position could lie just beyond the bounds.
  const read = () => Math.min(high, Math.max(low, toValue(Number(input.value))));
  let last;
  return {
    row: element("div", { class: "gl-slider", title }, element("label", { for: id }, label), input, output),
    input,
    show(value) {
      if (value === last) return;
      last = value;
      if (read() !== value) input.value = toPosition(value);
      output.textContent = text(value);
      input.setAttribute("aria-valuetext", text(value));
    },
  };
}

function checked({ ranges, whole, choices }, name, value) {
  if (name in choices) {
    if (choices[name].includes(value)) return value;
    throw new Error(`${name} must be one of ${choices[name].join(", ")}, not ${value}`);
  }
  const [low, high] = ranges[name];
  const kind = whole.includes(name) ? "a whole number" : "a number";
  if (value >= low && value <= high && (kind === "a number" || Number.isInteger(value))) return value;
  throw new Error(`${name} must be ${kind} from ${low} to ${high}, not ${value}`);
}

// lab: {title, values(state, spec), sentence(values), why(values), build({controls, set, state, spec, host})}; `build`
// puts inputs into `controls`, within `host`, and returns as `shows` functions that show the state in them, and as
// `stop`, if need be, what ends its work with the lab.
// Where they differ from the rule: alt(values), the words that stand for the picture (else the sentence), and pause(),
// the milliseconds without a change after which words and Python follow (else 120). `look` is the class of its styles
// (else that of labels made of words); `more` has settings that the lab checks itself, {name: check(value, spec)};
// moved(state, name, spec, byHand) is told when a setting has changed, by hand or from Python.
export function frame({ model, el }, lab) {
  const alert = element("p", { role: "alert", hidden: true });
  const says = element("p", { class: "gl-says", "aria-live": "polite" });
  const because = element("p", { class: "gl-why" });
  const controls = element("div", { class: "gl-controls" });
  const stage = element("div", { class: "gl-stage" });
  const columns = element("div", { class: "gl-columns" }, controls, element("div", {}, stage, says, because));
  const host = element("div", { class: `gru-lab ${lab.look ?? "gl-worded"}`, role: "group", "aria-label": lab.title });
  host.append(alert, columns);
  el.append(host);

  const spec = model.get("_spec");
  const more = lab.more ?? {};
  const names = [...Object.keys(spec.ranges), ...Object.keys(spec.choices), ...Object.keys(more)];
  const valid = (name, value) => (name in more ? more[name](value, spec) : checked(spec, name, value));
  const state = {};
  let shows = [];
  let move = null;
  let now = null; // the values on the screen
  let timer = 0;

  function draw() {
    now = lab.values(state, spec);
    move(now);
    for (const show of shows) show(now);
  }

  function settle() {
    const text = lab.sentence(now);
    says.textContent = text;
    because.textContent = lab.why(now);
    stage.firstElementChild.setAttribute("aria-label", lab.alt ? lab.alt(now) : text);
    const changed = names.filter((name) => model.get(name) !== state[name]);
    if (changed.length === 0) return;
    for (const name of changed) model.set(name, state[name]);
    model.save_changes();
  }

  function drawAndSettleLater() {
    draw();
    clearTimeout(timer);
    timer = setTimeout(guarded(alert, settle), lab.pause ? lab.pause() : 120);
  }

  const set = guarded(alert, (changes) => {
    for (const [name, value] of changes) {
      state[name] = valid(name, value);
      lab.moved?.(state, name, spec, true);
    }
    drawAndSettleLater();
  });

  let stop = () => {};
  guarded(alert, () => {
    move = picture(stage, model.get("_template"));
    stage.firstElementChild.setAttribute("role", "img");
    for (const name of names) state[name] = valid(name, model.get(name));
    const built = lab.build({ controls, set, state, spec, host });
    shows = built.shows;
    stop = built.stop ?? stop;
    draw();
    settle();
  })();
  if (!move) return undefined;
  // One name at a time: what the learner has set and not yet sent must not be undone by what Python knows.
  const follow = names.map((name) => [`change:${name}`, guarded(alert, () => {
    if (model.get(name) === state[name]) return;
    state[name] = valid(name, model.get(name));
    lab.moved?.(state, name, spec, false);
    drawAndSettleLater();
  })]);
  for (const [event, moved] of follow) model.on(event, moved);
  return () => {
    clearTimeout(timer);
    stop();
    for (const [event, moved] of follow) model.off(event, moved);
  };
}
