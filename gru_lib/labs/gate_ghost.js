// The ghost: where the picture stood before the present gesture. A gesture is one press of the pointer, or the keys on
// one control with less than a second between them.
import { written } from "./picture.js";

const PAUSE = 1000;
// What each plot shows; its ghost appears if any of it has moved.
const PLOTS = {
  z: ["a_z", "at_a_z", "z"], r: ["a_r", "at_a_r", "r"], candidate: ["a_h", "at_a_h", "candidate"],
  h: ["h", "keep", "candidate", "h_prev"],
};

export function ghost(controls) {
  let [before, now, hand, at, held] = [null, null, "", 0, false];
  controls.addEventListener("pointerdown", () => ([hand, held] = ["", true]));
  controls.addEventListener("change", () => ([at, held] = [performance.now(), false]));
  return {
    // the learner is about to move the control `name`
    touch(name) {
      if (name !== hand || (!held && performance.now() - at > PAUSE)) before = now;
      [hand, at] = [name, performance.now()];
    },
    drop: () => ([before, hand] = [null, ""]),
    // the values to draw, with the marks of where they were
    mark(v, shown) {
      now = v;
      const was = shown && before ? before : v;
      const marks = { was: was === v ? null : was };
      for (const [plot, names] of Object.entries(PLOTS)) {
        marks[`ghost_${plot}`] = names.some((name) => was[name] !== v[name]) ? "yes" : "no";
        for (const name of names) marks[`was_${name}`] = was[name];
      }
      for (let k = 0; k < 4; k += 1) {
        marks[`ghost_h_${k}`] = was[`h_${k}`] === v[`h_${k}`] ? "no" : "yes";
        marks[`was_h_${k}`] = was[`h_${k}`];
      }
      return { ...v, ...marks };
    },
  };
}

// What the gesture changed, in words
export function change(v) {
  if (!v.was) return "";
  const [from, to] = [v.was, v].map((values) => (name) => written(values[name]));
  const said = [from("h") === to("h") ? `h stayed ${to("h")}` : `h went from ${from("h")} to ${to("h")}`];
  const names = [["z", "z"], ["r", "r"], ["candidate", "candidate"]];
  if (v.units > 1) {
    for (let k = 0; k < v.units; k += 1) if (k !== v.unit) names.push([`h_${k}`, `h of unit ${k}`]);
  }
  for (const [name, word] of names) if (from(name) !== to(name)) said.push(`${word} from ${from(name)} to ${to(name)}`);
  return `${said.join("; ")}. `;
}
