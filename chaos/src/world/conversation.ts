import type { OrquestraClient, SessionStore } from "@orquestra/client";
import { isRunTerminal } from "@orquestra/protocol";
import type { UserName } from "../child/settings.ts";
import { until } from "../lib/until.ts";
import type { Job } from "./job.ts";
import type { Outside } from "./outside.ts";
import { Person } from "./person.ts";

/** A message the server has said yes to: from then on it may not be lost. */
export interface Acknowledged {
  readonly messageId: string;
  readonly runId: string;
  readonly job: Job;
}

/** What was said in a session, and what came back. */
export interface Said {
  readonly id: string;
  readonly acknowledged: readonly Acknowledged[];
  /** Jobs whose run somebody stopped: not all they asked for has to happen. */
  readonly stopped: ReadonlySet<number>;
  /** Commands that were answered with an error, by what it said. */
  readonly refusals: ReadonlyMap<string, number>;
}

export interface ConversationOptions {
  readonly client: OrquestraClient;
  /** A second connection of the same user, that only looks on. */
  readonly witness: OrquestraClient;
  readonly user: UserName;
  readonly outside: Outside;
  readonly unsure: () => boolean;
}

/** A session with somebody who watches it from its first event on, through every fault. */
export class Conversation implements Said {
  readonly id: string;
  readonly user: UserName;
  readonly person: Person;
  readonly acknowledged: Acknowledged[] = [];
  readonly stopped = new Set<number>();
  readonly refusals: Map<string, number>;
  readonly #client: OrquestraClient;
  readonly #store: SessionStore;
  readonly #witness: SessionStore;
  readonly #leave: (() => void)[] = [];
  #sending = 0;

  private constructor(
    id: string,
    refusals: Map<string, number>,
    { client, witness, user, outside, unsure }: ConversationOptions,
  ) {
    this.id = id;
    this.refusals = refusals;
    this.user = user;
    this.#client = client;
    this.#store = client.session(id);
    const jobOf = (runId: string): Job | undefined => this.acknowledged.find((sent) => sent.runId === runId)?.job;
    this.person = new Person({ client, outside, jobOf, unsure });
    this.#witness = witness.session(id);
    this.#leave.push(
      this.#store.state.subscribe(() => this.look()),
      this.#witness.retain(),
    );
  }

  static async open(options: ConversationOptions): Promise<Conversation> {
    const refusals = new Map<string, number>();
    const { sessionId } = await insist(() => options.client.command("session-create", {}), refusals);
    return new Conversation(sessionId, refusals, options);
  }

  /** The session as its client has it. */
  get state() {
    return this.#store.state.get();
  }

  /** The session as everybody has it who watches. */
  get states() {
    return [this.#store.state.get(), this.#witness.state.get()];
  }

  /** Messages that are on their way, queued or being worked on. */
  get busy(): number {
    return this.#sending + Object.keys(this.state?.activeRuns ?? {}).length;
  }

  look(): void {
    const { state } = this;
    if (state !== null) this.person.look(state);
  }

  /** Resolves when the server has said yes; what it refused is sent again with a new id, as a person would. */
  async send(job: Job): Promise<void> {
    this.#sending += 1;
    try {
      const sent = await insist(
        () => this.#client.command("message-send", { text: job.text }, { sessionId: this.id }),
        this.refusals,
      );
      this.acknowledged.push({ ...sent, job });
    } finally {
      this.#sending -= 1;
    }
  }

  async steer(text: string): Promise<void> {
    const run = Object.values(this.state?.activeRuns ?? {}).find(({ status }) => status !== "queued");
    if (run === undefined) return;
    await this.#client.command("run-steer", { runId: run.runId, text }, { sessionId: this.id }).catch(this.#refused);
  }

  /** Stops what is being worked on. */
  async stop(): Promise<void> {
    const run = Object.values(this.state?.activeRuns ?? {}).find(({ status }) => status !== "queued");
    const job = this.acknowledged.find(({ runId }) => runId === run?.runId)?.job;
    if (run === undefined || job === undefined) return;
    this.stopped.add(job.id);
    await this.#client.command("run-cancel", { runId: run.runId }, { sessionId: this.id }).catch(this.#refused);
  }

  /** Every message that was sent has its end. */
  get isOver(): boolean {
    return this.#sending === 0 && this.acknowledged.every(({ runId }) => this.#hasEnded(runId));
  }

  /** Resolves when it is over. */
  async settled(within: number): Promise<void> {
    const look = (): boolean => {
      this.look();
      return this.isOver;
    };
    await until(look, { within, what: () => this.story, every: 25 });
  }

  close(): void {
    for (const leave of this.#leave) leave();
  }

  #hasEnded(runId: string): boolean {
    const run = this.state?.endedRuns[runId];
    return run !== undefined && isRunTerminal(run.status);
  }

  /** Where it is, for whoever has to find out why it does not come to its end. */
  get story(): string {
    const runs = Object.values(this.state?.activeRuns ?? {}).map(({ runId, status, todos, approvals, turn }) => {
      const states = todos.map(({ id, tool, status: of }) => `${id} ${tool} ${of}`).join(", ");
      return `run ${runId} is ${status} in turn ${turn}, ${approvals.filter(({ answer }) => answer === null).length} open cards; ${states}`;
    });
    const refused = [...this.person.refusals, ...this.refusals].map(([said, times]) => `${times} × ${said}`);
    const link = this.#client.connection.get();
    const attached = this.#store.status.get();
    return `session ${this.id} of ${this.user}: ${JSON.stringify({ sending: this.#sending, runs, refused, link, attached })}`;
  }

  readonly #refused = (error: unknown): void => note(error, this.refusals);
}

/** Gives a command again as a person would whose first was refused: as a new one. */
async function insist<T>(command: () => Promise<T>, refusals: Map<string, number>): Promise<T> {
  const once = (): Promise<T | null> =>
    command().catch((error: unknown) => {
      note(error, refusals);
      return null;
    });
  return until(once, { within: 60_000, what: () => `it is not taken: ${[...refusals.keys()].join("; ")}`, every: 100 });
}

function note(error: unknown, refusals: Map<string, number>): void {
  const said = error instanceof Error ? error.message : String(error);
  refusals.set(said, (refusals.get(said) ?? 0) + 1);
}
