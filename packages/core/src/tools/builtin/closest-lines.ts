import { similarity } from "../similarity.ts";

const maxLines = 20_000;
const maxCompared = 5_000;
const maxShown = 20;
const maxLineLength = 200;
const goodEnough = 0.4;

/** Tells a model that looks for a text which lines of the file come closest; `null` when none does. Bounded work. */
export function closestLines(text: string, find: string): string | null {
  if (find.trim() === "") return null;
  const lines = text.split("\n", maxLines).map((line) => line.trim());
  const wanted = find
    .trim()
    .split("\n", maxShown)
    .map((line) => line.trim());
  const start = bestRun(lines, wanted) ?? mostSimilar(lines, wanted[0] ?? "");
  if (start === null) return null;
  const shown = text
    .split("\n", start + wanted.length)
    .slice(start)
    .map((line, index) => `${start + index + 1}: ${line.replace(/\r$/, "").slice(0, maxLineLength)}`);
  const onlySpace = wanted.every((line, index) => lines[start + index] === line);
  const advice = onlySpace ? "Only the white space differs: copy it exactly." : "Copy the text exactly as the file has it.";
  return `The closest lines are:\n${shown.join("\n")}\n${advice}`;
}

/** Where most of the wanted lines stand in their places; `null` when none does anywhere. */
function bestRun(lines: readonly string[], wanted: readonly string[]): number | null {
  let best = { start: 0, count: 0 };
  for (let start = 0; start < lines.length; start += 1) {
    let count = 0;
    for (const [index, line] of wanted.entries()) if (line !== "" && lines[start + index] === line) count += 1;
    if (count > best.count) best = { start, count };
  }
  return best.count === 0 ? null : best.start;
}

function mostSimilar(lines: readonly string[], wanted: string): number | null {
  const scores = lines
    .slice(0, maxCompared)
    .map((line) => similarity(line.slice(0, maxLineLength), wanted.slice(0, maxLineLength)));
  const best = scores.reduce((most, score) => Math.max(most, score), 0);
  return best >= goodEnough ? scores.indexOf(best) : null;
}
