/** What a reference names: line 3 of the plan, or, as results are called in the prompt, todo t3 of the run. */
export interface Target {
  readonly number: number;
  readonly runWide: boolean;
}

/** From the digits in front of which a `t` may stand. */
export function targetOf(name: string): Target {
  return { number: Number(name.replace(/^t/, "")), runWide: name.startsWith("t") };
}

/** `$3.files[0]["name"]`: whose result, and the way into it. */
export interface Reference extends Target {
  /** Keys and indices; `*` stands for every element of a list. */
  readonly path: readonly string[];
}

/** Steps that a path may have. */
const maxSteps = 32;

const quoted = String.raw`"(?:[^"\\\r\n]|\\(?:["'\\/bfnrt]|u[0-9a-fA-F]{4})){0,200}"`;
const step = new RegExp(
  String.raw`\.([A-Za-z_][A-Za-z0-9_-]{0,199})|\[(?:(0|[1-9]\d{0,8}|\*)|(${quoted}|${quoted.replaceAll('"', "'")}))\]`,
  "y",
);
const plainName = /^[A-Za-z_][A-Za-z0-9_-]{0,199}$/;
const index = /^(?:0|[1-9]\d{0,8})$/;

/** The longest path that stands in `text` at `from`, and where it ends. Bounded in steps and names, so linear in all. */
export function readPath(text: string, from: number): { readonly path: readonly string[]; readonly end: number } {
  const path: string[] = [];
  let end = from;
  for (step.lastIndex = end; path.length < maxSteps; step.lastIndex = end) {
    const found = step.exec(text);
    if (found === null) break;
    path.push(found[1] ?? found[2] ?? unescape(found[3] ?? ""));
    end += found[0].length;
  }
  return { path, end };
}

export function printPath(path: readonly string[]): string {
  return path.map(printStep).join("");
}

/** `["a/b","0"]` → `/a~1b/0`, as in RFC 6901. */
export function pointerOf(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The keys of a JSON pointer; null where it is none or is longer than a path may be. */
export function pathOf(pointer: string): readonly string[] | null {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return null;
  const path = pointer
    .slice(1)
    .split("/")
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return path.length <= maxSteps && path.every((key) => key.length <= 200) ? path : null;
}

function printStep(key: string): string {
  if (key === "*" || index.test(key)) return `[${key}]`;
  return plainName.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

const escapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function unescape(name: string): string {
  return name.slice(1, -1).replaceAll(/\\(?:u(.{4})|(.))/g, (_, code: string | undefined, letter: string | undefined) => {
    return code === undefined ? (escapes[letter ?? ""] ?? letter ?? "") : String.fromCharCode(Number.parseInt(code, 16));
  });
}
