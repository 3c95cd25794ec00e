import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { endsWithin } from "../../../lib/ends-within.ts";
import { messageOf } from "../../../lib/error.ts";
import {
  type CommandResult,
  type SessionCommand,
  ToolError,
  followCommand,
  giveInput,
  notStarted,
} from "../../../tools/index.ts";
import { type Launch, type Launched, enterUsers, launch, openGate } from "./launch.ts";
import { Namespace } from "./namespace.ts";

/** Milliseconds within which bubblewrap has said who its first process is: before that it is not killed, so that none is left. */
const birth = 2000;

/** One command from start to end. When this settles, its namespace is empty. */
export async function runInside(
  plan: Pick<Launch, "programs" | "identity" | "options" | "limits">,
  command: SessionCommand,
): Promise<CommandResult> {
  const { program, args, input } = command;
  const whole = { ...plan, program, args, hasInput: input !== undefined };
  const launched = launch(whole);
  const namespace = namespaceOf(launched);
  const standing = stand(launched, namespace, whole, input);
  const result = await followCommand(launched.child, command, () => end(launched, namespace));
  const outcome = await standing;
  if (outcome === "missing") throw notStarted(new Error(`there is no program ${program} in the sandbox`));
  if (outcome === "standing" && (await launched.signals.sawEnd)) return result;
  throw failed(outcome, result);
}

/** Bubblewrap says it long before the gate is reached; what reaches the gate without it is not in a namespace. */
async function namespaceOf({ signals }: Launched): Promise<Started | null> {
  const pid = await Promise.race([signals.firstProcess, signals.gate.then(() => wait(birth, null, { ref: false }))]);
  if (pid === null) return null;
  const namespace = Namespace.of(pid);
  return namespace === null ? null : { pid, namespace };
}

interface Started {
  readonly pid: number;
  readonly namespace: Namespace;
}

/** An error: what went wrong before the command was let go. */
type Outcome = "standing" | "missing" | Error;

/** Helps the sandbox up, and lets the command go when it stands. Never rejects. */
async function stand(
  { child, signals }: Launched,
  namespace: Promise<Started | null>,
  whole: Launch,
  input: string | undefined,
): Promise<Outcome> {
  try {
    const started = await namespace;
    if (started === null) throw new Error("bubblewrap made no namespace");
    await enterUsers(child, started.pid, whole);
    const gate = await signals.gate;
    if (gate === null) throw new Error("bubblewrap ended before the command began");
    if (gate === "standing") openGate(child);
    giveInput(child, input);
    return gate;
  } catch (error) {
    child.kill("SIGKILL");
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/** Killing bubblewrap kills the first process inside, and with it the kernel kills all others. */
async function end({ child }: Launched, namespace: Promise<Started | null>): Promise<void> {
  await endsWithin(namespace, birth);
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
  if (await endsWithin(namespace, birth)) await (await namespace)?.namespace.end();
}

function failed(outcome: Outcome, { stderr }: CommandResult): ToolError {
  const why = stderr.trim().slice(-500) || (outcome instanceof Error ? outcome.message : "bubblewrap was killed");
  const message =
    `The sandbox ${outcome === "standing" ? "broke while the command ran" : "could not be put up, so the command was not run"}: ${why}. ` +
    "`orquestra doctor` tells what works here.";
  return new ToolError("sandbox_failed", message, outcome instanceof Error ? { cause: outcome } : {});
}
