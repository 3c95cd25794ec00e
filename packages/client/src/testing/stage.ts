import type { EventData, EventType, NewEvent, SessionState } from "@orquestra/protocol";
import { type OrquestraClient, createClient } from "../create-client.ts";
import type { SessionStore } from "../session-store.ts";
import { Link } from "./link.ts";
import { ManualSchedule } from "./settle.ts";
import { WireServer } from "./wire-server.ts";

/** A server, a client and session s1 between them, in a time that passes when the test says so. */
export class Stage {
  readonly server = new WireServer();
  readonly link = new Link(this.server);
  readonly screen = new ManualSchedule();
  readonly client: OrquestraClient = createClient({ connect: this.link.connect, schedule: this.screen.schedule });
  readonly session: SessionStore = this.client.session("s1");
  readonly #advance: (ms: number) => Promise<unknown>;

  /** `advance` lets time pass, with everything that happens in it. */
  constructor(advance: (ms: number) => Promise<unknown>) {
    this.#advance = advance;
  }

  /** Lets time pass, and shows what happened in it. */
  async pass(ms = 0): Promise<void> {
    await this.#advance(ms);
    this.screen.flush();
  }

  event<T extends EventType>(type: T, data: EventData<T>, runId = "r1"): void {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- type and data belong together by the signature
    this.server.publish("s1", { type, runId, data } as NewEvent);
  }

  ask(messageId: string, runId: string): void {
    this.event("message-received", { messageId, text: messageId }, runId);
    this.event("run-queued", { messageId }, runId);
  }

  /** Run r1 at work on message m1, with part p1 of answer a1 open: four events. */
  begin(): void {
    this.ask("m1", "r1");
    this.event("run-started", { model: "demo" });
    this.event("part-opened", { partId: "p1", messageId: "a1", turn: 1, kind: "text" });
  }

  addTodo(id: string): void {
    const control = { integrity: "user", confidentiality: "public" } as const;
    const todo = { id, tool: "shell", title: "test", args: {}, dependsOn: [], effects: [], control, turn: 1 };
    this.event("todo-added", { todo: { ...todo, status: "pending" } });
  }

  /** Cuts the connection without a word, and comes back. */
  async cut(): Promise<void> {
    this.server.closeAll(1006);
    await this.pass();
    this.client.reconnect();
    await this.pass();
  }

  /** The session on screen. */
  async watch(): Promise<void> {
    this.session.state.subscribe(() => undefined);
    await this.pass();
  }

  get shown(): SessionState | null {
    return this.session.state.get();
  }
}
