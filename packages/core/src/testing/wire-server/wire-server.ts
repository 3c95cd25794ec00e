import { once } from "node:events";
import { type Server, createServer } from "node:http";
import { type Script, ScriptPlayer } from "../script.ts";
import { type EmbeddingsScript, type ExchangeContext, answer, sendJson } from "./exchange.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import type { Reply } from "./reply.ts";
import { StreamPump } from "./stream-pump.ts";

export interface WireServerOptions {
  readonly replies?: Script<RecordedRequest, Reply>;
  /** Names that `GET /v1/models` lists. Default `scripted`. */
  readonly models?: readonly string[];
  /** What goes wrong with requests for embeddings. Default: nothing does. */
  readonly embeddings?: EmbeddingsScript;
  /** Default: any free one. */
  readonly port?: number;
}

/** A model server on 127.0.0.1 that speaks Chat Completions, Responses and Messages, streaming or not, and answers from a script. */
export interface WireServer {
  /** Base URL for OpenAI's kind, ending with `/v1`. */
  readonly url: string;
  /** Base URL for Anthropic's kind, without `/v1`. */
  readonly anthropicUrl: string;
  readonly requests: readonly RecordedRequest[];
  /** Connections accepted so far. */
  readonly connections: number;
  /** Replaces the script. A request without a reply is refused with status 400. */
  script(replies: Script<RecordedRequest, Reply>): void;
  /** Throws when scripted replies are left, or more requests came than there were replies. */
  assertComplete(): void;
  /** Closes every connection. */
  close(): Promise<void>;
}

export async function startWireServer(options: WireServerOptions = {}): Promise<WireServer> {
  const requests: RecordedRequest[] = [];
  const pump = new StreamPump();
  let player = new ScriptPlayer(options.replies ?? []);
  let connections = 0;
  const context = (): ExchangeContext => ({
    requests,
    pump,
    player,
    models: options.models ?? ["scripted"],
    embeddings: options.embeddings ?? (() => undefined),
  });
  const server = createServer((request, response) => {
    answer({ request, response }, context()).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: { message: String(error) } });
    });
  });
  server.on("connection", () => (connections += 1));
  const origin = `http://127.0.0.1:${await listen(server, options.port ?? 0)}`;
  return {
    url: `${origin}/v1`,
    anthropicUrl: origin,
    requests,
    get connections() {
      return connections;
    },
    script: (replies) => {
      player = new ScriptPlayer(replies);
    },
    assertComplete: () => player.assertComplete(),
    close: () => close(server, pump),
  };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return address.port;
}

async function close(server: Server, pump: StreamPump): Promise<void> {
  pump.stop();
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}
