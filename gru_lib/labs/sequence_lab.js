// SequenceLab: a GRU reads a sequence. The learner edits the sequence and walks through time; what is shown comes
// from sequence_values.js, how it stands from sequence_lab.svg.
import { forward } from "./gru.js";
import { picture } from "./picture.js";
import { button, element, guarded, menu } from "./controls.js";
import { LEFT, SERIES, expand, levels, sentence, upTo, values } from "./sequence_values.js";
import { numbersTable, sliders, timeControls } from "./sequence_parts.js";

const NAMES = ["_model", "x", "step", "unit", "input"];
const PLACES = { step: (m) => m.x.length, unit: (m) => m.units, input: (m) => m.inputs.length };
const MIDDLE = 64; // of the input's axis, which is 40 high on each side
const PACE = 450; // milliseconds a step when playing
const NARROW = 800; // pixels
// Instead of a preset's note, whose claims are about the sequence as it was
const EDITED = "Edited: what the preset was made to show may no longer be so. \u201cUndo edits\u201d brings it back.";

function render({ model, el }) {
  const alert = element("p", { role: "alert", hidden: true });
  const says = element("p", { class: "gl-says", "aria-live": "polite" });
  const note = element("p", { class: "gl-why" });
  const bar = element("div", { class: "gl-bar-of-controls" });
  const stage = element("div", { class: "gl-stage", "data-lm-suppress-shortcuts": "true" });
  const box = element("div", { class: "gl-numbers", tabindex: 0, role: "region" });
  const details = element("details", { ontoggle: () => drawAgain() }, element("summary", {}, "All numbers"), box);
  const lab = element("div", { class: "gru-lab", role: "group", "aria-label": "SequenceLab: a GRU reads a sequence" });
  lab.append(alert, element("div", { class: "gl-sequence" }, bar, stage, says, note, details));
  el.append(lab);

  const state = {};
  let now; // the model: weights, names, where things stand
  let trace = [];
  let hover = null; // the step under the pointer, shown instead of the chosen one
  let drag = null;
  let playing = 0;
  let timer = 0;
  let narrow = false;
  let move = null;
  let points = [];
  let shows = [];

  const known = (name) => {
    const { models } = model.get("_spec");
    if (!(name in models)) throw new Error(`no preset is named ${name}`);
    return models[name];
  };

  function acceptPlace(name, value) {
    const most = PLACES[name](now) - 1;
    if (!(Number.isInteger(value) && value >= 0 && value <= most)) {
      throw new Error(`${name} must be a whole number from 0 to ${most}, not ${value}`);
    }
    state[name] = value;
  }

  function acceptX(rows) {
    const { x, limits } = now;
    const fits = rows.length === x.length && rows.every((row) => row.length === limits.length &&
      row.every((value, i) => Math.abs(value) <= limits[i]));
    if (!fits) throw new Error(`x must be ${x.length} rows of ${limits.length} numbers on the axes`);
    state.x = rows.map((row) => [...row]);
    trace = forward(gru(), state.x);
  }

  const gru = () => ({ reset: now.reset, update: "keep", ...now.weights });

  function open(name, x, places) {
    pause();
    now = known(name);
    state._model = name;
    hover = null;
    acceptX(x ?? now.x);
    for (const place of Object.keys(PLACES)) acceptPlace(place, places?.[place] ?? (place === "step" ? now.step : 0));
    build();
  }

  function current(pointed = true) {
    const { step, unit, input, x } = state;
    return values({ model: now, x, trace, step: pointed ? hover ?? step : step, mark: step, unit, input, narrow });
  }

  function draw() {
    move(current());
    for (const show of shows) show();
  }

  // What was set goes to Python, and into words, when the learner pauses: neither is on the way to the picture.
  function settle() {
    const v = current(false);
    const words = playing ? "Playing." : sentence(v); // the words of one step would be out of date at the next
    if (says.textContent !== words) says.textContent = words;
    stage.firstElementChild.setAttribute("aria-label", `${state._model}. ${sentence(v)}`);
    const changed = NAMES.filter((name) => !same(model.get(name), state[name]));
    if (changed.length === 0) return;
    // A preset brings a sequence of another shape: they go together.
    const sent = changed.includes("_model") ? NAMES : changed;
    for (const name of sent) model.set(name, name === "x" ? state.x.map((row) => [...row]) : state[name]);
    model.save_changes();
  }

  const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

  function drawAndSettleLater() {
    draw();
    clearTimeout(timer);
    timer = setTimeout(guarded(alert, settle), 120);
  }

  const drawAgain = guarded(alert, () => move && draw());

  const go = guarded(alert, (name, value) => {
    if (name === "step") hover = null;
    acceptPlace(name, value);
    drawAndSettleLater();
  });

  const goStep = (value) => go("step", Math.max(0, Math.min(state.x.length - 1, value)));

  const edit = guarded(alert, (t, value) => {
    const limit = now.limits[state.input];
    const fine = Math.round((value / limit) * 200) / 200; // drawn by hand: no more digits than can be seen
    state.x[t][state.input] = Number((Math.max(-1, Math.min(1, fine)) * limit).toPrecision(12));
    trace = forward(gru(), state.x, trace, t);
    drawAndSettleLater();
  });

  function pause() {
    clearInterval(playing);
    playing = 0;
  }

  function play() {
    if (playing) pause();
    else {
      if (state.step === state.x.length - 1) goStep(0);
      playing = setInterval(() => {
        if (!lab.isConnected || state.step >= state.x.length - 2) pause();
        goStep(state.step + 1);
      }, PACE);
    }
    drawAndSettleLater();
  }

  // --- the pointer and the keys on the picture
  function where(event) {
    const svg = stage.firstElementChild;
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const { cell, bottom, row } = now.place;
    const step = Math.floor((place.x - LEFT) / cell);
    const inside = step >= 0 && step < state.x.length && place.y > 16 && place.y < bottom;
    let unit = null;
    if (now.units > 1) {
      for (const name of SERIES) {
        const found = Math.floor((place.y - now.place[`heat_${name}`]) / row);
        if (found >= 0 && found < now.units) unit = found;
      }
    }
    return { step: inside ? step : null, unit, y: place.y };
  }

  const valueAt = (y) => ((MIDDLE - y) / 40) * now.limits[state.input];
  const near = ({ step, y }) =>
    step !== null && Math.abs(MIDDLE - (40 * state.x[step][state.input]) / now.limits[state.input] - y) < 12;

  const onDown = guarded(alert, (event) => {
    const place = where(event);
    if (place.step === null || event.button > 0) return;
    pause();
    if (place.y < 110) {
      points[place.step].focus({ preventScroll: true });
      event.preventDefault();
    }
    if (near(place)) {
      drag = place.step;
      stage.setPointerCapture(event.pointerId);
    }
    if (place.unit !== null) acceptPlace("unit", place.unit);
    goStep(place.step);
  });

  const onMove = guarded(alert, (event) => {
    const place = where(event);
    if (drag !== null) {
      edit(drag, valueAt(place.y));
    } else if (event.pointerType === "mouse" && hover !== place.step) {
      hover = place.step;
      draw();
    }
  });

  const onUp = () => (drag = null);

  const onLeave = guarded(alert, () => {
    if (hover === null) return;
    hover = null;
    draw();
  });

  const onKey = guarded(alert, (event) => {
    const t = points.indexOf(event.target);
    if (t < 0) return;
    const limit = now.limits[state.input];
    const value = state.x[t][state.input];
    const changes = { ArrowUp: 0.05, ArrowDown: -0.05, PageUp: 0.5, PageDown: -0.5 };
    const steps = { ArrowLeft: t - 1, ArrowRight: t + 1 };
    if (event.key in changes) edit(t, value + changes[event.key] * limit);
    else if (event.key === "Home") edit(t, -limit);
    else if (event.key === "End") edit(t, limit);
    else if (event.key in steps) points[Math.max(0, Math.min(points.length - 1, steps[event.key]))].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  for (const [type, on] of [["pointerdown", onDown], ["pointermove", onMove], ["pointerup", onUp],
    ["pointercancel", onUp], ["pointerleave", onLeave], ["keydown", onKey]]) stage.addEventListener(type, on);

  // --- controls and points, made anew for each model
  function pick(name, title, options, onPick, picked) {
    const made = menu(name, title, options, "none", onPick);
    bar.append(made.row);
    shows.push(() => made.show(picked()));
  }

  function build() {
    shows = [];
    bar.replaceChildren();
    move = picture(stage, expand(model.get("_template"), { step: upTo(now.x.length), level: levels }));
    stage.firstElementChild.setAttribute("role", "group");
    shows.push(() => (note.textContent = now.note && !same(state.x, now.x) ? EDITED : now.note));
    const { models } = model.get("_spec");
    pick("preset", "Preset", Object.keys(models), guarded(alert, (name) => {
      open(name);
      bar.querySelector("select").focus();
      drawAndSettleLater();
    }), () => state._model);
    for (const [name, title, count] of [["unit", "Unit", now.units], ["input", "Input to edit", now.inputs.length]]) {
      if (count < 2) continue;
      const options = name === "unit" ? upTo(count).map((i) => `unit ${i}`) : now.inputs.map((n, i) => `${i}: ${n}`);
      pick(name, title, options, (text) => go(name, options.indexOf(text)), () => options[state[name]]);
    }
    const undo = button("undo", "Undo edits", guarded(alert, () => {
      acceptX(now.x);
      drawAndSettleLater();
    }));
    shows.push(() => (undo.disabled = same(state.x, now.x)));
    const time = timeControls(now, { go: (step) => { pause(); goStep(step); }, play: guarded(alert, play) });
    bar.append(undo, time.row);
    points = [...stage.querySelectorAll(".gl-point")];
    points.forEach((point, t) => point.addEventListener("focus", () => {
      if (state.step !== t || hover !== null) goStep(t);
    }));
    const showPoints = sliders(points, now);
    const showTable = numbersTable(box, now);
    shows.push(
      () => time.show(state.step, Boolean(playing)),
      () => showPoints(state),
      () => details.open && showTable(state, trace),
    );
  }


  // --- what Python sets
  const openFromPython = guarded(alert, () => {
    open(model.get("_model"), model.get("x"), Object.fromEntries(Object.keys(PLACES).map((n) => [n, model.get(n)])));
    drawAndSettleLater();
  });
  // A GRU and its sequence arrive one after the other, and are opened together.
  let opening = false;
  function openSoon() {
    if (!opening) queueMicrotask(() => {
      opening = false;
      openFromPython();
    });
    opening = true;
  }
  // One name at a time: what the learner has set and not yet sent must not be undone by what Python knows.
  const follow = ["_spec", ...NAMES].map((name) => [`change:${name}`, guarded(alert, () => {
    if (known(model.get("_model")) !== now) openSoon();
    else if (name in state && !same(model.get(name), state[name])) {
      if (name === "x") acceptX(model.get("x"));
      else acceptPlace(name, model.get(name));
      drawAndSettleLater();
    }
  })]);

  guarded(alert, () => {
    open(model.get("_model"), model.get("x"), Object.fromEntries(Object.keys(PLACES).map((n) => [n, model.get(n)])));
    draw();
    settle();
  })();
  for (const [event, moved] of follow) model.on(event, moved);
  const watch = new ResizeObserver(guarded(alert, () => {
    const width = stage.clientWidth; // 0 while the page keeps the lab out of sight
    if (!move || width === 0 || width < NARROW === narrow) return;
    narrow = !narrow;
    draw();
  }));
  watch.observe(stage);
  return () => {
    pause();
    clearTimeout(timer);
    watch.disconnect();
    for (const [event, moved] of follow) model.off(event, moved);
  };
}

export default { render };
