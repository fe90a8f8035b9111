// What the lab shows, as a cell of Python that computes it with GRU; gate_code.py writes the same text.
import { step } from "./gru.js";
import { mapped } from "./gate_units.js";

// A number, or nested rows of numbers, as Python writes it
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (Number.isInteger(value)) return `${value + 0}.0`;
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}

// `state`: the settings of the lab
export function code({ x, reset, update, arrays }) {
  const units = arrays.h_prev.length;
  const keeps = update === "keep";
  const lines = ["from gru_lib import GRU", ""];
  lines.push(`gru = GRU(1, ${units}, reset="${reset}")  # 1 input, ${units} unit${units > 1 ? "s" : ""}`);
  if (!keeps) {
    lines.push("# In the lab z writes; in GRU z keeps. So W_z, U_z and b_z are negated, and z is shown as 1 - z.");
  }
  for (const [name, value] of Object.entries(arrays)) {
    if (name === "h_prev" || (name === "c_h" && reset !== "after")) continue;
    const negated = ["W_z", "U_z", "b_z"].includes(name) && !keeps;
    lines.push(`gru.weights["${name}"][:] = ${literal(negated ? mapped(value, (one) => -one) : value)}`);
  }
  lines.push(`step = gru.step([[${literal(x)}]], [${literal(arrays.h_prev)}])`);
  const z = keeps ? "step.z" : "1 - step.z";
  lines.push(`shown = {"z": ${z}, "r": step.r, "candidate": step.candidate, "h": step.h}`);
  lines.push("for name, value in shown.items():");
  lines.push('    print(f"{name}:", *(f"{number:.6f}" for number in value[0]))');
  lines.push("# Expected:");
  const results = step({ ...arrays, reset, update }, [x], arrays.h_prev);
  for (const name of ["z", "r", "candidate", "h"]) {
    lines.push(`# ${name}: ${results[name].map((number) => number.toFixed(6)).join(" ")}`);
  }
  return `${lines.join("\n")}\n`;
}
