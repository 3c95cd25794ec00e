import { endsWithin } from "../../../lib/ends-within.ts";
import type { InitializeRequest } from "@agentclientprotocol/sdk";
import { ModelError } from "../../language-model.ts";
import { NoProtocolError, abortedFailure, garbageFailure, silentFailure, unfencedFailure } from "../failures.ts";
import type { AgentLimits } from "../limits.ts";
import { startProcess } from "../process/start-process.ts";
import type { AgentProgram } from "../program.ts";
import { AcpAgent } from "./acp-agent.ts";
import { AcpLink } from "./acp-link.ts";

export interface AgentStart {
  readonly model: string;
  readonly limits: AgentLimits;
  readonly signal: AbortSignal;
}

/** Starts a process and a session in it. Throws a NoProtocolError for a program that does not speak it, otherwise a ModelError. */
export async function startAgent(program: AgentProgram, { model, limits, signal }: AgentStart): Promise<AcpAgent> {
  const process = await startProcess(program, program.args(model));
  const stop = (): void => void process.end();
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    const link = await AcpLink.connect(program, process);
    await greet(link, limits.initializeMs);
    return new AcpAgent(link, await openSession(link, limits.sessionMs), limits);
  } catch (error) {
    await process.end();
    throw signal.aborted ? abortedFailure(program) : error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const protocolVersion = 1;

/** A program that does not get over the greeting is one that does not speak the protocol, unless it could not be started. */
async function greet(link: AcpLink, ms: number): Promise<void> {
  const clientCapabilities = { fs: { readTextFile: false, writeTextFile: false }, terminal: false };
  const greeting: InitializeRequest = { protocolVersion, clientCapabilities };
  try {
    const answer = await inTime(link, ms, link.agent.request("initialize", greeting));
    if (answer.protocolVersion !== protocolVersion) throw garbageFailure(link.program, answer.protocolVersion);
  } catch (error) {
    throw error instanceof ModelError && error.kind !== "auth" ? new NoProtocolError(error) : error;
  }
}

/** The id of a session without tools from here, in a mode without effects where there is one. */
async function openSession(link: AcpLink, ms: number): Promise<string> {
  const { agent, process, program } = link;
  const request = agent.request("session/new", { cwd: process.workFolder, mcpServers: [] });
  const { sessionId, modes } = await inTime(link, ms, request);
  const offered = new Set(modes?.availableModes.map(({ id }) => id));
  const modeId = program.modes?.find((id) => offered.has(id));
  if (modeId === undefined || modeId === modes?.currentModeId) return sessionId;
  try {
    await inTime(link, ms, agent.request("session/set_mode", { sessionId, modeId }));
  } catch (error) {
    throw unfencedFailure(program, error);
  }
  return sessionId;
}

async function inTime<T>(link: AcpLink, ms: number, answer: Promise<T>): Promise<T> {
  try {
    if (await endsWithin(answer, ms)) return await answer;
  } catch (error) {
    throw await link.failureOf(error, "starting");
  }
  throw silentFailure(link.program, ms, "starting");
}
