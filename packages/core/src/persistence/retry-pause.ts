const firstMs = 100;
const mostMs = 10_000;

/** How long a wake-up waits that was rejected so many times: each time twice as long, up to ten seconds. */
export function retryPauseMs(rejections: number): number {
  return Math.min(mostMs, firstMs * 2 ** (rejections - 1));
}
