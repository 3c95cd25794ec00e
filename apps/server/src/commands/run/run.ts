import { OrquestraError } from "@orquestra/core";
import { ClientError, type OrquestraClient, type SessionStore } from "@orquestra/client";
import { modeSchema } from "@orquestra/protocol";
import { askPerson, canAsk } from "../../ask-person.ts";
import { type Config, readConfig } from "../../config.ts";
import { withClient } from "../../connect.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { startFolder } from "../../start-folder.ts";
import { UsageError, readArguments } from "../../usage.ts";
import { type ServerAccess, withServer } from "../../with-server.ts";
import { type Consent, type Request, answerFor, describeOpen, readConsent } from "./consent.ts";
import { EventQueue } from "./event-queue.ts";
import { offerModels } from "./offer-models.ts";
import { LinePrinter, type Printer, jsonPrinter } from "./printer.ts";

interface Task {
  readonly text: string;
  readonly config: Config;
  readonly mode: string | undefined;
  readonly trust: boolean;
  readonly consent: Consent;
  readonly json: boolean;
}

const lostAfterMs = 30_000;

/** Carries out one message in a session of its own. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args, { json: { type: "boolean" }, yes: { type: "string" }, trust: { type: "boolean" } });
  const text = given.positionals.join(" ").trim();
  if (text === "") throw new UsageError('Write: orquestra run "what to do"');
  const consent = readConsent(given.text("yes"));
  const config = readConfig(given.settings);
  const task = { text, config, mode: given.settings["mode"], trust: given.has("trust"), consent, json: given.has("json") };
  return await withServer(config, (access) => withClient(access, (client) => carryOut(task, access, client)));
}

async function carryOut(task: Task, { server }: ServerAccess, client: OrquestraClient): Promise<ExitCode> {
  const folder = await startFolder(task.config);
  const workspace = folder === null ? null : await server.addWorkspace(folder, task.trust ? true : undefined);
  const { model, planFormat } = task.config;
  const { sessionId } = await client.command("session-create", {
    workspace,
    ...(model === undefined ? {} : { model }),
    ...(task.mode === undefined ? {} : { mode: modeSchema.parse(task.mode) }),
    ...(planFormat === undefined ? {} : { planFormat }),
  });
  const session = client.session(sessionId);
  const events = new EventQueue();
  const stop = session.events((event) => events.push(event));
  const stopWatching = failWhenLost(client, events);
  try {
    await live(session);
    if (model === undefined && session.state.get()?.model === "demo") await offerModels(client);
    const { runId } = await client.command("message-send", { text: task.text }, { sessionId });
    return await follow({ task, client, session, events, runId });
  } finally {
    stopWatching();
    stop();
  }
}

interface Following {
  readonly task: Task;
  readonly client: OrquestraClient;
  readonly session: SessionStore;
  readonly events: EventQueue;
  readonly runId: string;
}

/** Until the run has ended, or needs a person who is not there. */
async function follow({ task, client, session, events, runId }: Following): Promise<ExitCode> {
  const printer: Printer = task.json ? jsonPrinter : new LinePrinter(session);
  const stopListening = cancelOnInterrupt(client, session.sessionId, runId, events);
  try {
    for await (const event of events) {
      printer.show(event);
      if (event.runId !== runId) continue;
      if (event.type === "run-completed") return event.data.stopReason === "end_turn" ? exitCode.ok : exitCode.failed;
      if (event.type === "run-failed" || event.type === "run-cancelled") return exitCode.failed;
      if (event.type === "approval-requested" && !(await respond(event.data, { task, client, session })))
        return exitCode.needsApproval;
    }
  } finally {
    stopListening();
  }
  return exitCode.failed;
}

/** False when a person is needed. The run then waits, also over a restart, and can be answered in the sidebar. */
async function respond(
  request: Request,
  { task, client, session }: Pick<Following, "task" | "client" | "session">,
): Promise<boolean> {
  const answer = await answerFor(request, task.consent, canAsk() ? askPerson : null);
  if (answer === null) {
    describeOpen(request, task.consent);
    return false;
  }
  const { approvalId } = request;
  try {
    await client.command(
      "approval-respond",
      { approvalId, ...answer, decisions: { ...answer.decisions } },
      { sessionId: session.sessionId },
    );
  } catch (error) {
    // Somebody else was faster: their answer counts.
    if (!(error instanceof ClientError && (error.code === "conflict" || error.code === "not_found"))) throw error;
  }
  return true;
}

/** The first interrupt cancels the run, which then says that it was; a second one ends the process. */
function cancelOnInterrupt(client: OrquestraClient, sessionId: string, runId: string, events: EventQueue): () => void {
  const cancel = (): void => {
    process.once("SIGINT", () => process.exit(exitCode.failed));
    client.command("run-cancel", { runId }, { sessionId }).catch((error: unknown) => events.fail(error));
  };
  process.once("SIGINT", cancel);
  return () => process.off("SIGINT", cancel);
}

function live(session: SessionStore): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const state = session.status.get();
      if (state.status === "loading") return;
      stop();
      if (state.status === "live") resolve();
      else reject(state.error);
    };
    const stop = session.status.subscribe(look);
    look();
  });
}

/** A connection comes back by itself; a server that stays away does not. */
function failWhenLost(client: OrquestraClient, events: EventQueue): () => void {
  let timer: NodeJS.Timeout | undefined;
  const stop = client.connection.subscribe(() => {
    clearTimeout(timer);
    const { status } = client.connection.get();
    if (status === "online") return;
    timer = setTimeout(() => events.fail(new OrquestraError("connection_lost", "The server has gone away.")), lostAfterMs);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
