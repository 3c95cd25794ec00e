import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import type { StandInReply, StandInRow } from "./scene.ts";
import type { Stage } from "./stage.ts";

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

const sessionId = "5f0c3b1e-0000-4000-8000-000000000001";
const modes = {
  currentModeId: "agent",
  availableModes: ["agent", "plan", "ask"].map((id) => ({ id, name: id, description: `${id} mode` })),
};

/** Speaks the protocol on stdin and stdout until it is killed: the end of its stdin does not end it, as recorded. */
export function speakAcp(stage: Stage): void {
  const speaker = new Speaker(stage);
  createInterface({ input: process.stdin }).on("line", (line) => speaker.hear(line));
  setInterval(() => undefined, 60_000);
}

class Speaker {
  readonly #stage: Stage;
  readonly #answers = new Map<unknown, () => void>();
  #nextId = 0;
  #prompt: Message | null = null;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  hear(line: string): void {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a double reads what the test's own subject wrote
    const message = JSON.parse(line) as Message;
    this.#stage.note({ saw: "message", message });
    if (message.method === undefined) this.#answers.get(message.id)?.();
    else this.#handle(message.method, message).catch((error: unknown) => leave(70, `${String(error)}\n`));
  }

  async #handle(method: string, message: Message): Promise<void> {
    const { faults } = this.#stage;
    if (faults.deafTo === method) return;
    if (faults.refuses === method) return this.#fail(message, -32_603, "Internal error");
    if (method === "initialize") return this.#initialize(message);
    if (method === "session/new") return this.#newSession(message);
    if (method === "session/set_mode") return this.#setMode(message);
    if (method === "session/prompt") return this.#play(message);
    if (method === "session/cancel") return this.#cancel();
    if (message.id !== undefined) this.#fail(message, -32_601, "Method not found");
  }

  async #initialize(message: Message): Promise<void> {
    const { startGate, greetings = 0, version = 1 } = this.#stage.faults;
    if (startGate !== undefined) await this.#stage.pass(startGate);
    for (let left = greetings; left > 0; left--) process.stdout.write("A new version is out!\n");
    const promptCapabilities = { audio: false, embeddedContext: false, image: true };
    const agentCapabilities = { loadSession: true, promptCapabilities, mcpCapabilities: { http: true, sse: true } };
    const authMethods = [{ id: "cursor_login", name: "Cursor Login", description: "Run 'agent login' first." }];
    this.#answer(message, { protocolVersion: version, agentCapabilities, authMethods });
  }

  #newSession(message: Message): void {
    if (this.#stage.faults.notSignedIn === true) return this.#fail(message, -32_000, "Authentication required");
    this.#answer(message, { sessionId, ...(this.#stage.faults.noModes === true ? {} : { modes }) });
  }

  #setMode(message: Message): void {
    this.#update({ sessionUpdate: "current_mode_update", currentModeId: message.params?.["modeId"] });
    this.#answer(message, {});
  }

  #cancel(): void {
    const prompt = this.#prompt;
    this.#prompt = null;
    if (prompt !== null) this.#answer(prompt, { stopReason: "cancelled" });
  }

  async #play(prompt: Message): Promise<void> {
    this.#prompt = prompt;
    const reply = this.#stage.claimReply() ?? {
      rows: [],
      ending: { type: "error", code: -32_603, message: "No reply is left." },
    };
    let before = reply.rows[0]?.ms ?? 0;
    for (const row of reply.rows) {
      await wait((row.ms - before) * (this.#stage.faults.pace ?? 0));
      before = row.ms;
      if (this.#prompt !== prompt) return;
      await this.#playRow(row);
    }
    if (reply.gate !== undefined) await this.#stage.pass(reply.gate);
    if (this.#prompt === prompt) this.#close(prompt, reply);
  }

  async #playRow({ dir, msg }: StandInRow): Promise<void> {
    if (dir === "c2a") return;
    const params = typeof msg["params"] === "object" ? { ...msg["params"], sessionId } : { sessionId };
    if (msg["id"] === undefined) return this.#send({ jsonrpc: "2.0", method: msg["method"], params });
    const id = this.#nextId++;
    const answered = new Promise<void>((resolve) => this.#answers.set(id, resolve));
    this.#send({ jsonrpc: "2.0", id, method: msg["method"], params });
    await answered;
  }

  #close(prompt: Message, { ending = { type: "stop", reason: "end_turn" } }: StandInReply): void {
    if (ending.type === "stop") this.#answer(prompt, { stopReason: ending.reason });
    else if (ending.type === "error") this.#fail(prompt, ending.code, ending.message);
    else if (ending.type === "exit") leave(ending.code, ending.stderr);
    else if (ending.type === "garbage") writeGarbage();
  }

  #update(update: object): void {
    this.#send({ jsonrpc: "2.0", method: "session/update", params: { sessionId, update } });
  }

  #answer({ id }: Message, result: object): void {
    this.#send({ jsonrpc: "2.0", id, result });
  }

  #fail({ id }: Message, code: number, message: string): void {
    this.#send({ jsonrpc: "2.0", id, error: { code, message } });
  }

  #send(message: object): void {
    process.stdout.write(`${JSON.stringify(message)}\n`);
  }
}

/** Ends when both outputs are written, with the code. */
export function leave(code: number, stderr = ""): void {
  process.stdout.write("", () => process.stderr.write(stderr, () => process.exit(code)));
}

export function writeGarbage(): void {
  for (let line = 0; line < 50; line++) process.stdout.write(`\u0001\u0002 no protocol ${line}\n`);
}
