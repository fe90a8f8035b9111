// A picture is an SVG file whose moving parts say how they depend on named values; gru_lib/labs/picture.py fills
// the same file by the same rules for readers without a live lab.
//   data-text="z = {z}"                 the text of an element; {z:f} and other formats as in `written`
//   data-set-d="M0 {z*-80+104}"         any attribute; {|kept|*26} uses the size without the sign; "" removes it
//   data-when="focus=all|z reset=after" shown only while each condition holds
//   data-readout="z"                    carries the unrounded value in data-value

const MINUS = "\u2212";

// "3": three decimals (default). "p": as it was set, two or three decimals. Then "f": a factor, in brackets if
// negative; "+": a summand, with its sign as operator.
export function written(value, format = "3") {
  if (typeof value === "string") return value;
  let text = Math.abs(value).toFixed(3);
  if (format.startsWith("p")) text = text.replace(/0$/, "");
  const negative = value < 0 && Number(text) !== 0;
  if (format.endsWith("+")) return `${negative ? MINUS : "+"} ${text}`;
  if (!negative) return text;
  return format.endsWith("f") ? `(${MINUS}${text})` : MINUS + text;
}

// How many thousandths a number is shown as, ties away from zero
export const thousandths = (value) => (value < 0 ? -1 : 1) * Math.round(Number(Math.abs(value).toFixed(3)) * 1000);

// first and second rounded to three decimals, the worse rounded one moved so that they add up to total
export function addUp(total, first, second) {
  const parts = [thousandths(first), thousandths(second)];
  const gap = thousandths(total) - parts[0] - parts[1];
  parts[gap * (first * 1000 - parts[0]) >= gap * (second * 1000 - parts[1]) ? 0 : 1] += gap;
  return parts.map((part) => part / 1000);
}

function look(values, name) {
  if (!(name in values)) throw new Error(`the picture asks for "${name}", which the lab does not compute`);
  return values[name];
}

const fillText = (pattern, values) =>
  pattern.replace(/\{(\w+)(?::([3pf+]+))?\}/g, (_, name, format) => written(look(values, name), format));

const fillAttribute = (pattern, values) =>
  pattern.replace(/\{(\|?)(\w+)\|?(?:\*(-?[\d.]+))?([+-][\d.]+)?\}/g, (_, size, name, scale = 1, offset = 0) => {
    const value = look(values, name);
    if (typeof value === "string") return value;
    return String(Math.floor(((size ? Math.abs(value) : value) * scale + Number(offset)) * 100 + 0.5) / 100);
  });

const holds = (conditions, values) =>
  conditions.split(" ").every((condition) => {
    const [name, allowed] = condition.split("=");
    return allowed.split("|").includes(look(values, name));
  });

// Put the template into `host`; returns a function that moves the picture to new values. Nothing is created anew,
// and what has not changed is not touched.
export function picture(host, template) {
  host.innerHTML = template;
  const svg = host.querySelector("svg");
  const parts = [];
  for (const element of [svg, ...svg.querySelectorAll("*")]) {
    for (const { name, value: pattern } of [...element.attributes]) {
      if (name === "data-text") {
        parts.push([(values) => fillText(pattern, values), (text) => (element.textContent = text)]);
      } else if (name === "data-when") {
        parts.push([(values) => holds(pattern, values), (shown) => (element.style.display = shown ? "" : "none")]);
      } else if (name === "data-readout") {
        parts.push([(values) => String(look(values, pattern)), (text) => element.setAttribute("data-value", text)]);
      } else if (name.startsWith("data-set-")) {
        const target = name === "data-set-viewbox" ? "viewBox" : name.slice("data-set-".length);
        const set = (text) => (text === "" ? element.removeAttribute(target) : element.setAttribute(target, text));
        parts.push([(values) => fillAttribute(pattern, values), set]);
      }
    }
  }
  new ResizeObserver(() => {
    if (host.scrollWidth > host.clientWidth) host.tabIndex = 0; // so that the keyboard can scroll it
    else host.removeAttribute("tabindex");
  }).observe(svg);
  const last = new Array(parts.length);
  return (values) => {
    parts.forEach(([compute, apply], i) => {
      const now = compute(values);
      if (now !== last[i]) apply((last[i] = now));
    });
  };
}
