/** Text that streams is set at most so often: twice as smooth as reading, at half the painting of every frame. */
const quietMs = 32;
/** A hidden page draws no frames. */
const hiddenMs = 250;

let last = 0;

/** Flushes with the next frame when nothing was flushed just now, else with the first frame after the pause. */
export function scheduleFlush(flush: () => void): void {
  const wait = last + quietMs - performance.now();
  if (wait <= 0) nextFrame(flush);
  else setTimeout(() => nextFrame(flush), wait);
}

function nextFrame(flush: () => void): void {
  let flushed = false;
  const once = (): void => {
    if (flushed) return;
    flushed = true;
    last = performance.now();
    clearTimeout(timer);
    flush();
  };
  const timer = setTimeout(once, hiddenMs);
  requestAnimationFrame(once);
}
