// What stands around and on the picture of SequenceLab: buttons and scrubber, the points as sliders, the table.
import { written } from "./picture.js";
import { button, element } from "./controls.js";
import { SERIES, halfLife } from "./sequence_values.js";

// Step back, play or pause, step on, and the scrubber. `go` takes a step, `play` begins or ends playing.
export function timeControls(model, { go, play }) {
  const last = model.x.length - 1;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let now = 0;
  const back = button("back", "◂ Step", () => go(now - 1));
  const on = button("on", "Step ▸", () => go(now + 1));
  const start = button("play", "Play", play);
  back.setAttribute("aria-label", "One step back");
  on.setAttribute("aria-label", "One step on");
  const scrub = element("input", {
    type: "range", min: 0, max: last, step: 1, "data-name": "step", "aria-label": "Step",
    "data-lm-suppress-shortcuts": "true", oninput: () => go(Number(scrub.value)),
  });
  const output = element("output", {});
  return {
    row: element("div", { class: "gl-time" }, back, start, on, scrub, output),
    show(step, playing) {
      now = step;
      scrub.value = step;
      output.textContent = `step ${step}`;
      scrub.setAttribute("aria-valuetext", `step ${step}${model.labels.length ? `, ${model.labels[step]}` : ""}`);
      start.disabled = calm.matches && !playing; // the system asks for less motion
      start.textContent = playing ? "Pause" : calm.matches ? "Play (off: less motion)" : "Play";
      back.disabled = step === 0;
      on.disabled = step === last;
    },
  };
}

// Each point of the edited input is a slider for the keyboard and for screen readers; Tab reaches the chosen one.
export function sliders(points, model) {
  const told = [];
  points.forEach((point) => {
    point.setAttribute("role", "slider");
    point.setAttribute("aria-orientation", "vertical");
  });
  return ({ x, step, input }) => points.forEach((point, t) => {
    const value = x[t][input];
    const tell = `${input} ${value} ${step === t}`;
    if (told[t] === tell) return;
    told[t] = tell;
    const limit = model.limits[input];
    const word = model.labels.length ? `, ${model.labels[t]}` : "";
    const now = {
      tabindex: step === t ? 0 : -1, "aria-label": `${model.inputs[input]} at step ${t}${word}`, "data-value": value,
      "aria-valuemin": -limit, "aria-valuemax": limit, "aria-valuenow": value, "aria-valuetext": written(value, "p"),
    };
    for (const [name, text] of Object.entries(now)) point.setAttribute(name, text);
  });
}

// All numbers of the chosen unit, a row for each step
export function numbersTable(box, model) {
  const labels = model.labels.length > 0;
  const heads = ["step", ...(labels ? ["word"] : []), ...model.inputs, ...SERIES, "half-life"];
  const rows = model.x.map((_, t) => {
    const words = labels ? [t, model.labels[t]] : [t];
    const cells = heads.slice(words.length).map(() => element("td"));
    return [element("tr", {}, ...words.map((text) => element("th", { scope: "row" }, String(text))), ...cells), cells];
  });
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = element("tbody", {}, ...rows.map(([row]) => row));
  box.replaceChildren(element("table", {}, element("thead", {}, head), body));
  box.setAttribute("aria-label", "All numbers");
  return ({ x, unit }, trace) => {
    box.setAttribute("aria-label", `All numbers of unit ${unit}`);
    rows.forEach(([, cells], t) => {
      const numbers = [...x[t], ...SERIES.map((name) => trace[t][name][unit])];
      const [steps, text] = halfLife(trace[t].z[unit]);
      numbers.forEach((number, i) => {
        cells[i].dataset.value = number;
        cells[i].textContent = written(number);
      });
      cells.at(-1).dataset.value = steps;
      cells.at(-1).textContent = text.replace(" steps", "");
    });
  };
}
