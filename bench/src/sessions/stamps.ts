/** A token that says when it was sent: microseconds of the machine's monotonic clock, which is one for all processes. */
const digits = 10;
export const stampLength = digits + 1;
const perLine = 12;

/** Now, in microseconds since the machine was started: for three years its first digit of 36 is a 0. */
export function monotonicNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + Math.floor(nanoseconds / 1000);
}

/** The token that is sent as the `index`th of its answer. */
export function stamp(index: number, now: number): string {
  return now.toString(36).padStart(digits, "0") + (index % perLine === perLine - 1 ? "\n" : " ");
}

export function isStamped(text: string): boolean {
  return text.startsWith("0");
}

/** When each token of a piece of an answer was sent. Throws where the piece is not of whole tokens. */
export function sentTimes(text: string): readonly number[] {
  if (text.length % stampLength !== 0) throw new Error(`A piece of an answer has ${text.length} characters.`);
  return Array.from({ length: text.length / stampLength }, (_, index) =>
    Number.parseInt(text.slice(index * stampLength, index * stampLength + digits), 36),
  );
}
