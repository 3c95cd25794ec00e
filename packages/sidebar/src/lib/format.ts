/** "41 ms", "3.1 s", "12 s", "4 min 5 s", "2 h 10 min". */
export function duration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 950) return `${Math.round(whole)} ms`;
  const exact = whole / 1000;
  return exact < 9.95 ? `${exact.toFixed(1)} s` : wholeSeconds(Math.round(exact));
}

/** Seconds that were counted, not measured: "2 s", "1 min 20 s". */
export function wholeSeconds(whole: number): string {
  return whole < 60 ? `${whole} s` : longDuration(whole);
}

function longDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return withRest(`${minutes} min`, seconds % 60, "s");
  return withRest(`${Math.floor(minutes / 60)} h`, minutes % 60, "min");
}

function withRest(head: string, rest: number, unit: string): string {
  return rest === 0 ? head : `${head} ${rest} ${unit}`;
}

/** A tick of an axis, all of them in the unit of the step between two: "1.5 s", "75 s", "2 min", "3 h". */
export function axisTime(ms: number, step: number): string {
  if (step < 60_000) return `${Number((ms / 1000).toFixed(2))} s`;
  return step < hourMs ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / hourMs)} h`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** "$0.011", "$1.20", "under $0.001", "free". */
export function money(dollars: number): string {
  if (dollars === 0) return "free";
  if (dollars < 0.001) return "under $0.001";
  return `$${dollars.toFixed(dollars < 1 ? 3 : 2)}`;
}

/** "1 todo", "3 todos". */
export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}

/** "1st", "2nd", "3rd", "4th", "11th". */
export function ordinal(value: number): string {
  const last = value % 10;
  const teen = Math.floor(value / 10) % 10 === 1;
  return `${value}${teen ? "th" : (["th", "st", "nd", "rd"][last] ?? "th")}`;
}

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** "now", "4 min ago", "yesterday", "Thursday", "12 Mar". */
export function ago(iso: string, now: number): string {
  const at = new Date(iso);
  const minutes = Math.floor((now - at.getTime()) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min ago`;
  const days = daysBetween(at, new Date(now));
  if (days === 0) return `${Math.floor(minutes / 60)} h ago`;
  if (days === 1) return "yesterday";
  if (days < 7) return at.toLocaleDateString("en-GB", { weekday: "long" });
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(days > 300 ? { year: "numeric" } : {}) });
}

function daysBetween(from: Date, to: Date): number {
  return Math.round((startOfDay(to) - startOfDay(from)) / dayMs);
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Milliseconds since the epoch, or `null`. */
export function timeOf(iso: string | null): number | null {
  if (iso === null) return null;
  const at = Date.parse(iso);
  return Number.isNaN(at) ? null : at;
}

/** The last name of a path: "/home/ann/shop-api" → "shop-api". */
export function baseName(path: string): string {
  return path.replace(/\/+$/, "").split("/").at(-1) ?? path;
}

/** "t2.1" → "2.1". */
export function todoNumber(todoId: string): string {
  return todoId.replace(/^t/, "");
}
