import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { programOf } from "@orquestra/core/testing";
import type { Trigger } from "../child/kill-switch.ts";
import type { Order, ServerSettings } from "../child/settings.ts";
import { until } from "../lib/until.ts";
import { serves } from "./wire.ts";

const program = programOf(new URL(`../child/server-child${import.meta.url.slice(-3)}`, import.meta.url));

/** Longer than any start may take, on a machine that does other things as well. */
const patience = 60_000;

/** A server process that is started again and again on the same database and port. Ends only its own child, by its pid. */
export class Server {
  readonly settings: Omit<ServerSettings, "trigger">;
  /** The last of what it said on stderr. */
  said = "";
  /** Milliseconds of processor time each start took until it served: what a start costs whatever else the machine does. */
  readonly startCosts: number[] = [];
  #child: ChildProcess | null = null;

  constructor(settings: Omit<ServerSettings, "trigger">) {
    this.settings = settings;
  }

  get alive(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves with the milliseconds from its start to the first command it carried out; null when it died before. */
  async start(trigger: Trigger | null = null): Promise<number | null> {
    const started = performance.now();
    const child = fork(program.file, [JSON.stringify({ ...this.settings, trigger })], {
      execArgv: [...program.execArgv],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.said = (this.said + text).slice(-20_000)));
    child.on("error", () => undefined);
    const door = { port: this.settings.port, user: "ada" } as const;
    const served = await until(async () => (await serves(door)) || !this.alive, {
      within: patience,
      what: () => `the server at port ${this.settings.port} does not serve:\n${this.said}`,
    });
    if (!served || !this.alive) return null;
    const milliseconds = performance.now() - started;
    const cost = processorTime(this.pid);
    if (cost !== null) this.startCosts.push(cost);
    return milliseconds;
  }

  order(order: Order): void {
    if (this.alive && this.#child?.connected === true) this.#child.send(order, () => undefined);
  }

  /** `SIGKILL` ends it on the spot; `SIGTERM` lets it say goodbye. Resolves when it is gone. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === null || !this.alive) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  /** Stopped it does nothing at all, and does not know of it; continued it goes on as if nothing had been. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(signal);
  }

  /** Resolves when no tool of it is at work any more. */
  async atRest(): Promise<void> {
    const child = this.#child;
    if (child === null || !this.alive) return;
    const rested = Promise.race([once(child, "message"), once(child, "exit")]);
    this.order({ type: "rest" });
    await rested;
  }
}

/** Ticks are hundredths of a second wherever Linux runs Node; null elsewhere. */
function processorTime(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return null;
  }
}
