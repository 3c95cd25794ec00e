/** A run of letters and digits that goes on over the ends of lines. */
export interface WrappedRun {
  /** Without the ends of its lines. */
  readonly joined: string;
  /** Where the rest of each of its lines stands in the text, and in `joined`. */
  readonly lines: readonly { readonly start: number; readonly joinedAt: number }[];
}

/** The characters of base64 in both its alphabets, and so of hex and of most keys. */
const inRun = new Uint8Array(128);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_") inRun[character.charCodeAt(0)] = 1;

/**
 * Where programs may have wrapped what they print, as `base64` and `xxd -p` do: no form stands in one piece there. Looks at the
 * surroundings of line ends only. Runs shorter than `least` are left out.
 */
export function* wrappedRuns(text: string, least: number): Generator<WrappedRun> {
  for (let line = text.indexOf("\n"), floor = 0; line !== -1;) {
    const { run, end } = runAround(text, line, floor);
    if (run.joined.length >= least && run.lines.length > 1) yield run;
    floor = end;
    line = text.indexOf("\n", Math.max(end, line + 1));
  }
}

/** The run that a text ends with, of at most so many characters: it may go on. */
export function trailingRun(text: string, most: number): WrappedRun {
  let start = text.length;
  const floor = Math.max(0, text.length - most);
  while (start > floor && (isIn(text, start - 1) || isLineEnd(text.charCodeAt(start - 1)))) start--;
  const lines: { start: number; joinedAt: number }[] = [];
  let joined = "";
  for (const { 0: piece, index } of text.slice(start).matchAll(/[^\r\n]+/g)) {
    lines.push({ start: start + index, joinedAt: joined.length });
    joined += piece;
  }
  return { joined, lines };
}

/** Where a character of a run stands in the text. */
export function placeIn({ lines }: WrappedRun, joinedAt: number): number {
  const line = lines.findLast((one) => one.joinedAt <= joinedAt);
  return line === undefined ? joinedAt : line.start + joinedAt - line.joinedAt;
}

function runAround(text: string, line: number, floor: number): { readonly run: WrappedRun; readonly end: number } {
  let end = line > floor && text.charCodeAt(line - 1) === carriageReturn ? line - 1 : line;
  let start = end;
  while (start > floor && isIn(text, start - 1)) start--;
  let joined = text.slice(start, end);
  const lines = [{ start, joinedAt: 0 }];
  for (;;) {
    const from = end + lineEndAt(text, end);
    let to = from;
    while (isIn(text, to)) to++;
    if (from === end || to === from) return { run: { joined, lines }, end };
    lines.push({ start: from, joinedAt: joined.length });
    joined += text.slice(from, to);
    end = to;
  }
}

const carriageReturn = 13;
const lineFeed = 10;

/** The length of the line's end that stands there; 0 for none. */
function lineEndAt(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === lineFeed) return 1;
  return first === carriageReturn && text.charCodeAt(at + 1) === lineFeed ? 2 : 0;
}

function isLineEnd(code: number): boolean {
  return code === lineFeed || code === carriageReturn;
}

function isIn(text: string, at: number): boolean {
  return inRun[text.charCodeAt(at)] === 1;
}
