// Injected before the page's own scripts: when an input arrived, when the lab's picture changed, when the frame that
// shows it was painted, and what went over the kernel's socket. Times are performance.now(), in milliseconds.
// While something is dragged, `dragged` is the element that holds its value; `moves` then has the events that change
// it, with the time their handlers took, and each frame the value that it shows.
(() => {
  const log = (window.labProbe = { inputs: [], moves: [], frames: [], dragged: null, sent: 0, received: 0 });
  const value = () => log.dragged && (log.dragged.value ?? log.dragged.dataset.value);
  // A message posted inside an animation frame is handled after that frame has been drawn.
  const afterPaint = (work) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = work;
      channel.port2.postMessage(0);
    });
  let waiting = false;
  // A picture that the kernel has drawn is a new <img>; it is there once it is decoded.
  const drawnByKernel = (changed) => (image) =>
    image.decode().then(() => afterPaint(() => log.frames.push({ changed, painted: performance.now() })), () => {});
  new MutationObserver((changes) => {
    // The words for screen readers follow when the learner pauses: they are not what is seen.
    const inPicture = ({ target, attributeName }) => attributeName !== "aria-label" &&
      (target.closest ? target : target.parentElement)?.closest(".gru-lab svg");
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (node.querySelectorAll && node.closest(".jp-OutputArea-output, .jp-OutputArea-child")) {
          const images = node.tagName === "IMG" ? [node] : [...node.querySelectorAll("img")];
          images.forEach(drawnByKernel(performance.now()));
        }
      }
    }
    if (waiting || !changes.some(inPicture)) return;
    waiting = true;
    const changed = performance.now();
    afterPaint(() => {
      waiting = false;
      log.frames.push({ changed, painted: performance.now(), value: value() });
    });
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const note = (kind) => (event) => {
    if (kind === "key" ? event.key.startsWith("Arrow") : event.buttons) log.inputs.push({ kind, at: event.timeStamp });
  };
  addEventListener("keydown", note("key"), true);
  addEventListener("pointermove", note("move"), true);
  // The browser turns a move of the pointer into an `input` of a slider, and only where its value changes; other things
  // are moved by the pointer itself. Caught on its way down and again on its way up, with the lab in between.
  const kind = () => (log.dragged?.matches("input") ? "input" : "pointermove");
  let came = 0;
  for (const type of ["input", "pointermove"]) {
    addEventListener(type, () => (came = performance.now()), true);
    addEventListener(type, () => {
      if (!log.dragged || type !== kind() || !log.inputs.length) return;
      log.moves.push({ at: log.inputs.at(-1).at, work: performance.now() - came, value: value() });
    });
  }
  const bytes = (data) => data.byteLength ?? data.size ?? data.length ?? 0;
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.kernel = String(given[0]).includes("/channels");
      if (this.kernel) this.addEventListener("message", ({ data }) => (log.received += bytes(data)));
    }
    send(data) {
      if (this.kernel) log.sent += bytes(data);
      return super.send(data);
    }
  };
})();
