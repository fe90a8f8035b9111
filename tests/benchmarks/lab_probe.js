// Injected before the page's own scripts: when an input arrived, when the lab's picture changed, when the frame that
// shows it was painted, and what went over the kernel's socket. Times are performance.now(), in milliseconds.
(() => {
  const log = (window.labProbe = { inputs: [], frames: [], sent: 0, received: 0 });
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
    const inPicture = ({ target }) => (target.closest ? target : target.parentElement)?.closest(".gru-lab svg");
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
      log.frames.push({ changed, painted: performance.now() });
    });
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const note = (kind) => (event) => {
    if (kind === "key" ? event.key.startsWith("Arrow") : event.buttons) log.inputs.push({ kind, at: event.timeStamp });
  };
  addEventListener("keydown", note("key"), true);
  addEventListener("pointermove", note("move"), true);
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
