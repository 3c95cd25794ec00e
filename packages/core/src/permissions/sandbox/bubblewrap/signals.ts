import type { Duplex } from "node:stream";

/** What the program at the gate found: all stands, or there is no such program. */
export type AtGate = "standing" | "missing";

/** What comes out of a sandbox beside the output: who its first process is, whether it stands, how the command ended. */
export class Signals {
  /** The number of the namespace's first process on this machine; null when bubblewrap ended before it had one. */
  readonly firstProcess: Promise<number | null>;
  /** Null when bubblewrap ended before. */
  readonly gate: Promise<AtGate | null>;
  /** Whether bubblewrap itself has seen the command end. */
  readonly sawEnd: Promise<boolean>;

  constructor(status: Duplex | null, gate: Duplex | null) {
    let said = "";
    this.sawEnd = closed(status).then(() => said.includes('"exit-code"'));
    this.firstProcess = told(status, (text) => {
      said = text;
      const pid = /"child-pid": (\d+)[\s,}]/.exec(text)?.[1];
      return pid === undefined ? null : Number(pid);
    });
    this.gate = told(gate, (text) => (text === "standing\n" ? "standing" : text === "missing\n" ? "missing" : null));
  }
}

function closed(stream: Duplex | null): Promise<void> {
  return new Promise((resolve) => {
    if (stream === null) resolve();
    stream?.once("close", resolve);
  });
}

const maxLength = 4096;

/** The first thing that `read` makes of what a stream says; null when it ends without. `read` goes on being told. */
function told<T>(stream: Duplex | null, read: (text: string) => T | null): Promise<T | null> {
  return new Promise((resolve) => {
    let text = "";
    if (stream === null) return resolve(null);
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text = (text + chunk).slice(0, maxLength);
      const found = read(text);
      if (found !== null) resolve(found);
    });
    stream.once("close", () => resolve(null));
    return undefined;
  });
}
