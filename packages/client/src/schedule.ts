export type Schedule = (flush: () => void) => void;

/** Milliseconds between flushes where there is no screen to draw on. */
const frame = 16;
/** A hidden page gets no animation frames, and what waits for them would wait for ever. */
const hiddenFrame = 250;

/** Flushes with the next frame that is drawn, or a little later when none is. */
export const scheduleFrame: Schedule = (flush) => {
  if (typeof globalThis.requestAnimationFrame !== "function") {
    setTimeout(flush, frame);
    return;
  }
  let flushed = false;
  const once = (): void => {
    if (flushed) return;
    flushed = true;
    clearTimeout(timer);
    flush();
  };
  const timer = setTimeout(once, hiddenFrame);
  requestAnimationFrame(once);
};
