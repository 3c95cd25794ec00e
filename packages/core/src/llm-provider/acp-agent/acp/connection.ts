import type { AnyMessage, ClientConnection, PermissionOption, RequestPermissionResponse } from "@agentclientprotocol/sdk";
import { type WireObject, asObject } from "../../wire/json.ts";
import type { AgentProcess } from "../process/agent-process.ts";
import { jsonLines } from "../process/json-lines.ts";
import type { AgentProgram } from "../program.ts";

export interface AgentListener {
  update(params: WireObject): void;
  refused(what: string): void;
  /** Resolves when there is room for more updates. */
  room(): Promise<void>;
}

/** Who listens at the moment. */
export interface Ear {
  listener: AgentListener;
}

/**
 * Speaks the protocol with a process. Whatever the agent asks for is turned down at once, so that it neither does it nor waits
 * for it: no file, terminal or question of its own gets further than here. The package is loaded with the first agent.
 */
export async function connectAgent({ stdin, stdout }: AgentProcess, program: AgentProgram, ear: Ear): Promise<ClientConnection> {
  const { client, RequestError } = await import("@agentclientprotocol/sdk");
  const app = client({ name: "orquestra" })
    .onRequest("session/request_permission", ({ params }) => {
      ear.listener.refused(params.toolCall.title ?? params.toolCall.toolCallId);
      return rejection(params.options);
    })
    .onRequest("*", ({ method }) => {
      ear.listener.refused(method);
      const reply = program.replies?.[method];
      if (reply === undefined) throw RequestError.methodNotFound(method);
      return reply;
    });
  const readable = streamOf(withoutUpdates(jsonLines(stdout), ear));
  const writable = new WritableStream<AnyMessage>({
    write: (message) =>
      new Promise((resolve, reject) => {
        stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
      }),
  });
  return app.connect({ readable, writable });
}

/** Only for this once: what is rejected for always would be remembered in the agent's settings. */
function rejection(options: readonly PermissionOption[]): RequestPermissionResponse {
  const option = options.find(({ kind }) => kind === "reject_once");
  return { outcome: option === undefined ? { outcome: "cancelled" } : { outcome: "selected", optionId: option.optionId } };
}

/**
 * Updates are taken out here, in the order of the wire: the package hands them on later than the response that follows them.
 */
async function* withoutUpdates(
  batches: AsyncIterable<readonly WireObject[]>,
  ear: Ear,
): AsyncGenerator<AnyMessage, void, undefined> {
  for await (const batch of batches) {
    for (const message of batch) {
      if (message["method"] === "session/update") ear.listener.update(asObject(message["params"]));
      else if (isMessage(message)) yield message;
    }
    await ear.listener.room();
  }
}

function streamOf(messages: AsyncGenerator<AnyMessage, void, undefined>): ReadableStream<AnyMessage> {
  return new ReadableStream({
    pull: async (controller) => {
      const next = await messages.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  });
}

/** What is no message at all: the package looks at the rest itself. */
function isMessage(message: WireObject): message is WireObject & AnyMessage {
  return message["jsonrpc"] === "2.0";
}
