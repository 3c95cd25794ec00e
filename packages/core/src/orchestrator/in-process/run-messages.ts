import type { ApprovalDecision, CommandData, EventData } from "@orquestra/protocol";
import { CommandError, OrquestraError } from "../../lib/error.ts";
import type { User } from "../../tools/index.ts";
import type { EngineAccess } from "../engine.ts";
import { type FollowedRun, RunFollower } from "./followed-run.ts";
import { sendCommand } from "./send-command.ts";

export interface RunRequest {
  readonly text: string;
  readonly user: User;
  /** A session of that user to go on with; absent: a new one. */
  readonly sessionId?: string;
  /** What a new session is to be. Its mode is `headless` where nobody approves: every question is a no then. */
  readonly session?: CommandData<"session-create">;
  /** Decides about a card. Absent: rejected. Where it throws, the run is stopped and `ended` rejects with that. */
  readonly approve?: (card: Card) => ApprovalDecision | Promise<ApprovalDecision>;
  /** Aborting stops the run. */
  readonly signal?: AbortSignal;
}

/** Messages sent from the same process, each with the run that it becomes. */
export class RunMessages {
  readonly #engine: EngineAccess;
  readonly #open = new Set<RunFollower>();

  constructor(engine: EngineAccess) {
    this.#engine = engine;
  }

  async run(request: RunRequest): Promise<FollowedRun> {
    const { text, user, signal } = request;
    signal?.throwIfAborted();
    const sessionId = request.sessionId ?? (await this.#newSession(request));
    const follower = new RunFollower(sessionId);
    const attachment = await this.#engine.attach({ sessionId, user, deliver: (frame) => follower.take(frame) });
    attachment.start();
    try {
      const { runId } = await sendCommand(this.#engine, { type: "message-send", data: { text } }, { user, sessionId });
      follower.follow(runId);
    } catch (error) {
      attachment.detach();
      throw error;
    }
    this.#open.add(follower);
    this.#escort(follower, request)
      .catch((error: unknown) => follower.lose(error))
      .finally(() => {
        attachment.detach();
        this.#open.delete(follower);
      });
    return follower;
  }

  /** Nobody is left waiting for the end of a run that goes on elsewhere, or later. */
  close(): void {
    const message = "The engine was closed before the run had ended. An engine on the same store takes it up.";
    for (const follower of this.#open) follower.lose(new OrquestraError("unavailable", message, { retryable: true }));
  }

  /** Until the run is over: answers its cards, and stops it when its caller says so. */
  async #escort(follower: RunFollower, request: RunRequest): Promise<void> {
    const { signal } = request;
    const stop = (): void => {
      this.#stop(follower, request).catch((error: unknown) => follower.lose(error));
    };
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted === true) stop();
    try {
      for await (const frame of follower)
        if (frame.type === "approval-requested") await this.#answer(follower, request, frame.data);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  async #answer(follower: RunFollower, request: RunRequest, card: Card): Promise<void> {
    const { user, approve = () => "reject_once" as const } = request;
    const { approvalId } = card;
    try {
      const data = { approvalId, decision: await approve(card) };
      await sendCommand(this.#engine, { type: "approval-respond", data }, { user, sessionId: follower.sessionId });
    } catch (error) {
      // Somebody else was first, or its run is over.
      if (error instanceof CommandError && error.code === "conflict") return;
      follower.lose(error);
      await this.#stop(follower, request);
    }
  }

  async #stop({ sessionId, runId }: RunFollower, { user }: RunRequest): Promise<void> {
    await sendCommand(this.#engine, { type: "run-cancel", data: { runId } }, { user, sessionId });
  }

  async #newSession({ user, approve, session = {} }: RunRequest): Promise<string> {
    const data = approve === undefined ? { mode: "headless" as const, ...session } : session;
    return (await sendCommand(this.#engine, { type: "session-create", data }, { user })).sessionId;
  }
}

type Card = EventData<"approval-requested">;
