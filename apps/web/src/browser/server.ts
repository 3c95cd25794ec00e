import { readFile } from "node:fs/promises";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import {
  type Command,
  type Json,
  type OrquestraEvent,
  type ServerFrame,
  type SessionState,
  applyEvent,
  closeCodes,
  emptySession,
  parseCommand,
  subprotocol,
  trimSession,
} from "@orquestra/protocol";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Script } from "./script.ts";

/** What the real server sends with the page: no inline script or style, nothing from elsewhere. */
const policy =
  "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';font-src 'self';" +
  "frame-ancestors 'none';base-uri 'none';form-action 'none';require-trusted-types-for 'script';trusted-types 'none'";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".map": "application/json",
};

export type Answer = (command: Command, server: ScriptedServer) => Json | Refusal;

/** An error reply. */
export class Refusal {
  readonly code: string;
  readonly message: string;

  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** A real HTTP and WebSocket server that serves the built page and speaks the wire from scripts. */
export class ScriptedServer {
  readonly commands: Command[] = [];
  /** Paths of every request, to see what a page asked for. */
  readonly requests: string[] = [];
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => subprotocol });
  readonly #attached = new Map<WebSocket, Set<string>>();
  readonly #scripts: ReadonlyMap<string, Script>;
  readonly #answers: Readonly<Partial<Record<Command["type"], Answer>>>;
  #accepting: "yes" | "no" | "refuse" = "yes";

  private constructor(scripts: readonly Script[], answers: Readonly<Partial<Record<Command["type"], Answer>>>, dist: string) {
    this.#scripts = new Map(scripts.map((script) => [script.sessionId, script]));
    this.#answers = answers;
    this.#http = createServer((request, response) => {
      this.#serve(dist, request, response).catch(() => response.writeHead(404).end());
    });
    this.#http.on("upgrade", (request, socket, head) => {
      if (this.#accepting === "no") socket.destroy();
      else if (this.#accepting === "refuse")
        socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      else this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket));
    });
  }

  static async start(
    scripts: readonly Script[],
    answers: Readonly<Partial<Record<Command["type"], Answer>>>,
    dist: string,
  ): Promise<ScriptedServer> {
    const server = new ScriptedServer(scripts, answers, dist);
    await new Promise<void>((resolve) => server.#http.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server that listens has such an address
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  script(sessionId: string): Script | undefined {
    return this.#scripts.get(sessionId);
  }

  get scripts(): readonly Script[] {
    return [...this.#scripts.values()];
  }

  /** Sends to everybody attached to the frame's session. */
  send(frame: ServerFrame & { readonly sessionId: string }): void {
    for (const [socket, sessions] of this.#attached) if (sessions.has(frame.sessionId)) socket.send(JSON.stringify(frame));
  }

  /** Appends to the script what `write` writes, and sends it. */
  play(sessionId: string, write: (script: Script) => void): void {
    const script = this.#scripts.get(sessionId);
    if (script === undefined) throw new Error(`no script for ${sessionId}`);
    const { events, deltas, progress } = script;
    const from = { events: events.length, deltas: deltas.length, progress: progress.length };
    write(script);
    for (const event of events.slice(from.events)) this.send(event);
    for (const delta of deltas.slice(from.deltas)) this.send(delta);
    for (const report of progress.slice(from.progress)) this.send(report);
  }

  /** Cuts every connection; with `no` or `refuse` the next tries fail too. */
  drop(next: "yes" | "no" | "refuse"): void {
    this.#accepting = next;
    for (const socket of this.#attached.keys()) {
      if (next === "refuse") socket.close(closeCodes.unauthorized, "not signed in");
      else socket.terminate();
    }
  }

  accept(): void {
    this.#accepting = "yes";
  }

  async close(): Promise<void> {
    for (const socket of this.#attached.keys()) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #serve(dist: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://host").pathname;
    this.requests.push(path);
    if (path === "/ws") return this.#refuse(request, response);
    const file = join(dist, normalize(path === "/" ? "/index.html" : path));
    const body = await readFile(file);
    const headers = { "content-type": types[extname(file)] ?? "application/octet-stream", "content-security-policy": policy };
    response.writeHead(200, { ...headers, "x-content-type-options": "nosniff" }).end(body);
  }

  /** A page whose socket did not open asks here why. */
  #refuse(request: IncomingMessage, response: ServerResponse): void {
    if (this.#accepting === "no") request.destroy();
    else response.writeHead(this.#accepting === "refuse" ? 401 : 426).end();
  }

  #open(socket: WebSocket): void {
    this.#attached.set(socket, new Set());
    socket.on("close", () => this.#attached.delete(socket));
    socket.on("message", (data) => this.#receive(socket, frameText(data)));
    socket.send(JSON.stringify({ v: 1, type: "hello", data: { protocol: subprotocol, server: "0.1.0-test", nodeId: "n1" } }));
  }

  #receive(socket: WebSocket, text: string): void {
    const parsed = parseCommand(JSON.parse(text));
    if (!parsed.ok) throw new Error(`the page sent a malformed command: ${parsed.message}\n${text}`);
    const { command } = parsed;
    const repeated = this.commands.some((known) => known.id === command.id);
    if (!repeated) this.commands.push(command);
    const data = this.#answer(socket, command, repeated);
    const reply = { v: 1, type: "reply", re: command.id };
    if (data instanceof Refusal)
      socket.send(JSON.stringify({ ...reply, ok: false, error: { code: data.code, message: data.message, retryable: false } }));
    else socket.send(JSON.stringify({ ...reply, ok: true, data }));
    if (command.type === "session-attach") this.#replay(socket, command);
  }

  #answer(socket: WebSocket, command: Command, repeated: boolean): Json | Refusal {
    const { sessionId = "" } = command;
    if (command.type === "session-attach") {
      const script = this.#scripts.get(sessionId);
      if (script === undefined) return new Refusal("not_found", "There is no such session.");
      this.#attached.get(socket)?.add(sessionId);
      const seq = script.events.length;
      return command.data.from === undefined
        ? // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a state is plain data
          { seq, snapshot: trimSession(stateOf(script.events), snapshotMessages) as unknown as Json }
        : { seq };
    }
    if (command.type === "session-detach") {
      this.#attached.get(socket)?.delete(sessionId);
      return {};
    }
    const answer = this.#answers[command.type];
    return answer === undefined || repeated ? {} : answer(command, this);
  }

  #replay(socket: WebSocket, command: Command & { readonly type: "session-attach" }): void {
    const script = this.#scripts.get(command.sessionId ?? "");
    if (script === undefined) return;
    const { from } = command.data;
    const missed = from === undefined ? [] : script.events.filter((event) => event.seq > from);
    const open = new Map(script.deltas.map((delta) => [delta.partId, ""]));
    for (const delta of script.deltas) open.set(delta.partId, (open.get(delta.partId) ?? "").slice(0, delta.offset) + delta.text);
    const deltas = [...open].map(([partId, text]) => ({
      v: 1,
      type: "delta",
      sessionId: script.sessionId,
      partId,
      offset: 0,
      text,
    }));
    for (const frame of [...missed, ...deltas, ...script.progress]) socket.send(JSON.stringify(frame));
  }
}

const snapshotMessages = 50;
const states = new WeakMap<readonly OrquestraEvent[], SessionState>();

/** The state after the events of a script, which only ever grow. */
export function stateOf(events: readonly OrquestraEvent[]): SessionState {
  const known = states.get(events) ?? emptySession(events[0]?.sessionId ?? "");
  const state = events.slice(known.seq).reduce(applyEvent, known);
  states.set(events, state);
  return state;
}

function frameText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString("utf8");
}
