import { type Connect, type OrquestraClient, type SessionStore, createClient } from "@orquestra/client";
import { nodeConnect } from "@orquestra/client/node";
import {
  type Delta,
  type OrquestraEvent,
  type ServerFrame,
  type SessionState,
  applyEvent,
  emptySession,
  isEventType,
  parseServerFrame,
} from "@orquestra/protocol";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { startEngine } from "../engine-harness.ts";
import { type Reply, startWireServer } from "../wire-server/index.ts";
import { lateStore } from "./late-store.fixture.ts";
import { type SeededRandom, seededRandom } from "./random.fixture.ts";
import { modelAt, plan, projectFolder } from "./scene.fixture.ts";
import { type ServedEngine, serve } from "./served-engine.fixture.ts";

const wantedCuts = 20;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** The frames of each connection a client had, as they came. */
type Connections = (readonly ServerFrame[])[];

function wordsOf(turn: string, message: number): string {
  return `${turn} ${message}: ${"bar by bar the score goes on. ".repeat(6)}\n`;
}

/** What the model says to one message: two turns with a plan, the second with a write, and an answer. */
function repliesTo(message: number): readonly Reply[] {
  const reads = plan("1. list_files()", '2. file_read("a.md")', '3. code_search("TODO")');
  const write = plan(`4. file_write("notes-${message}.md", <<TEXT)`, "<<TEXT", "{{$2.text}} and {{$3.matches[0].path}}", "TEXT");
  return [
    { tokensPerSecond: 400, text: wordsOf("Looking", message) + reads },
    { tokensPerSecond: 400, text: wordsOf("Writing", message) + write },
    { tokensPerSecond: 400, text: wordsOf("Done", message), reasoning: "So that is what they wanted." },
  ];
}

/** Connects through `connect` and keeps what comes. */
function recording(connect: Connect, connections: Connections): Connect {
  return (events) => {
    const frames: ServerFrame[] = [];
    connections.push(frames);
    const frame = (text: string): void => {
      const parsed = parseServerFrame(text);
      if (parsed !== null && parsed.type !== "unknown") frames.push(parsed);
      events.frame(text);
    };
    return connect({ ...events, frame });
  };
}

interface Breaking {
  readonly connect: Connect;
  readonly count: () => number;
}

/**
 * A line that breaks after a random number of frames, and besides the first time a reply is due to something that was done:
 * then nobody knows over there whether it was. What was on its way is lost.
 */
function breaking(server: ServedEngine, path: string, random: SeededRandom): Breaking {
  const connect = nodeConnect(`${server.url}${path}`);
  const sent = new Set<string>();
  let count = 0;
  const isFirstReply = (text: string): boolean => {
    const id = /^\{"v":1,"type":"reply","re":"([^"]+)"/.exec(text)?.[1] ?? "";
    return sent.has(id) && sent.delete(id);
  };
  return {
    count: () => count,
    connect: (events) => {
      let left = random.between(1, 12);
      let broken = false;
      const frame = (text: string): void => {
        if (broken) return;
        const lost = isFirstReply(text) || left-- === 0;
        if (!lost || count === wantedCuts) return events.frame(text);
        broken = true;
        count += 1;
        server.cut(path);
      };
      const transport = connect({ ...events, frame });
      const send = (text: string): void => {
        if (/"type":"(message-send|approval-respond)"/.test(text)) sent.add(/"id":"([^"]+)"/.exec(text)?.[1] ?? "");
        transport.send(text);
      };
      return { send, close: () => transport.close() };
    },
  };
}

function clientOver(connect: Connect): OrquestraClient {
  const client = createClient({ connect, schedule: (flush) => setImmediate(flush) });
  client.connection.subscribe(() => {
    if (client.connection.get().status === "offline") setImmediate(() => client.reconnect());
  });
  closers.push(() => client.close());
  return client;
}

/** The first state of the session that passes. */
function reached(session: SessionStore, passes: (state: SessionState) => boolean): Promise<SessionState> {
  return new Promise((resolve) => {
    const look = (): void => {
      const state = session.state.get();
      if (state === null || !passes(state)) return;
      stop();
      resolve(state);
    };
    const stop = session.state.subscribe(look);
    setImmediate(look);
  });
}

/** Says yes to every question of the session, once. */
function agreeTo(client: OrquestraClient, session: SessionStore): Promise<unknown>[] {
  const asked = new Set<string>();
  const answers: Promise<unknown>[] = [];
  const look = (): void => {
    const open = Object.values(session.state.get()?.activeRuns ?? {}).flatMap(({ approvals }) => approvals);
    for (const { approvalId, answer } of open) {
      if (answer !== null || asked.has(approvalId)) continue;
      asked.add(approvalId);
      const data = { approvalId, decision: "allow_once" } as const;
      answers.push(client.command("approval-respond", data, { sessionId: session.sessionId }));
    }
  };
  closers.push(session.state.subscribe(look));
  return answers;
}

function eventsIn(frames: readonly ServerFrame[]): readonly OrquestraEvent[] {
  return frames.filter((frame): frame is OrquestraEvent => isEventType(frame.type));
}

/** The deltas of each part. */
function deltasIn(frames: readonly ServerFrame[]): ReadonlyMap<string, readonly Delta[]> {
  const parts = new Map<string, Delta[]>();
  for (const frame of frames) if (frame.type === "delta") parts.set(frame.partId, [...(parts.get(frame.partId) ?? []), frame]);
  return parts;
}

const title = "a client whose connection breaks at 20 random points ends where one that was never interrupted does";

it(title, { timeout: 60_000 }, async () => {
  const random = seededRandom(process.env["ORQUESTRA_TEST_SEED"]);
  const folder = projectFolder({ "a.md": "# Alpha\nTODO: everything\n", "b/c.ts": "export const c = 1;\n" });
  closers.push(() => folder.remove());
  const wire = await startWireServer({
    replies: () => repliesTo(Math.ceil(wire.requests.length / 3))[(wire.requests.length - 1) % 3] ?? {},
  });
  closers.push(() => wire.close());
  const store = lateStore(openInMemoryStore(), () => random.between(0, 3));
  const harness = await startEngine({
    model: modelAt(wire.url),
    store,
    tools: builtInTools({ only: ["list_files", "file_read", "code_search", "file_write"] }),
    workspaces: folder.workspaces,
  });
  closers.push(() => harness.close());
  const server = await serve(harness.engine);
  closers.push(() => server.close());

  const [steadyFrames, unluckyFrames]: [Connections, Connections] = [[], []];
  const line = breaking(server, "/ada/unlucky", random);
  const unlucky = clientOver(recording(line.connect, unluckyFrames));
  const steady = clientOver(recording(nodeConnect(`${server.url}/ada/steady`), steadyFrames));
  const { sessionId } = await steady.command("session-create", {});
  const [watched, suffering] = [steady.session(sessionId), unlucky.session(sessionId)];
  closers.push(watched.retain());
  const answers = agreeTo(unlucky, suffering);

  let messages = 0;
  while (messages < 3 || (line.count() < wantedCuts && messages < 15)) {
    messages += 1;
    const { runId } = await unlucky.command("message-send", { text: `message ${messages}` }, { sessionId });
    for (const session of [watched, suffering]) await reached(session, ({ endedRuns }) => endedRuns[runId] !== undefined);
  }
  await Promise.all(answers);
  expect(line.count()).toBe(wantedCuts);
  expect(unluckyFrames).toHaveLength(wantedCuts + 1);
  expect(steadyFrames).toHaveLength(1);

  const log = await store.events.read(sessionId, 0, 10_000);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  const truth = log.reduce(applyEvent, emptySession(sessionId));
  expect(await reached(watched, ({ seq }) => seq === truth.seq)).toEqual(truth);
  expect(await reached(suffering, ({ seq }) => seq === truth.seq)).toEqual(truth);

  // On no connection was an event left out or sent twice.
  for (const frames of [...steadyFrames, ...unluckyFrames]) {
    const seqs = eventsIn(frames).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  }

  // Every piece of text a client ever saw is part of what its part came to be, and goes on where the last one ended.
  const closed = new Map(log.flatMap(({ type, data }) => (type === "part-closed" ? [[data.partId, data.text] as const] : [])));
  for (const frames of [...steadyFrames, ...unluckyFrames]) {
    for (const [partId, deltas] of deltasIn(frames)) {
      const text = deltas.map((delta) => delta.text).join("");
      expect(deltas.map(({ offset }) => offset)).toEqual(
        deltas.map((_, index) => deltas.slice(0, index).reduce((length, delta) => length + delta.text.length, 0)),
      );
      expect(closed.get(partId)?.startsWith(text)).toBe(true);
    }
  }
  const steadyText = deltasIn(steadyFrames[0] ?? []);
  for (const [partId, text] of closed)
    expect(
      steadyText
        .get(partId)
        ?.map((delta) => delta.text)
        .join(""),
    ).toBe(text);
  const turns = Array.from({ length: messages }, (_, index) =>
    ["Looking", "Writing", "Done"].map((turn) => wordsOf(turn, index + 1)),
  );
  const answered = truth.messages.filter(({ role }) => role === "assistant").map(({ text }) => text);
  expect(answered).toEqual(turns.flat());

  // Nothing was done twice.
  const count = (type: OrquestraEvent["type"]): number => log.filter((event) => event.type === type).length;
  expect([count("message-received"), count("approval-resolved"), count("checkpoint-created")]).toEqual([
    messages,
    messages,
    messages,
  ]);
  expect(wire.requests).toHaveLength(3 * messages);
  for (let message = 1; message <= messages; message += 1) {
    const text = readFileSync(join(folder.path, `notes-${message}.md`), "utf8");
    expect(text).toContain("# Alpha\nTODO: everything\n and ");
  }
});
