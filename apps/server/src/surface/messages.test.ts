import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandType, commands, isCommandType } from "@orquestra/protocol";
import { ownerToken } from "../http/http-harness.ts";
import { fill, lookAt, marker, threeSessions } from "./busy-sessions-harness.ts";
import { type CommandLine, type Ids, commandLines } from "./command-lines.ts";
import { type Said, type Speaker, commandTypes } from "./speaker-harness.ts";
import { type Scene, SurfaceServer, hostPage } from "./surface-harness.ts";

type Person = keyof Scene["sessions"];

// One server for all: nothing that is tried here may change anything, which each test looks at.
let server: SurfaceServer;
let theirs: { readonly [person in Person]: Ids };

beforeAll(async () => {
  server = await SurfaceServer.start(threeSessions, [hostPage]);
  const { scene } = server;
  theirs = {
    owner: await fill(server, scene.owner, scene.sessions.owner),
    member: await fill(server, scene.member, scene.sessions.member),
    guest: await fill(server, scene.guest, scene.sessions.guest),
  };
});
afterAll(() => server.stop());

function as(token: string): Promise<Speaker> {
  return server.speak({ authorization: `Bearer ${token}` });
}

const nobodys: Ids = {
  runId: "nowhere",
  todoId: "t1",
  approvalId: "nowhere",
  messageId: "nowhere",
  queuedId: "nowhere",
  outputRef: "nowhere/t1",
  memoryId: "nowhere",
};

function lineOf(type: CommandType): CommandLine<CommandType> {
  return commandLines[type];
}

async function give(who: Speaker, type: CommandType, ids: Ids, sessionId?: string): Promise<Said> {
  return await who.say(type, lineOf(type).data(ids), sessionId);
}

async function lookAtAll(): Promise<unknown> {
  const { owner, member, guest, sessions } = server.scene;
  return [
    await lookAt(server, owner, sessions.owner),
    await lookAt(server, member, sessions.member),
    await lookAt(server, guest, sessions.guest),
  ];
}

/** Nothing of these was heard: no frame, no id, no word. */
function expectUnheard(who: Speaker, persons: readonly Person[]): void {
  const heard = who.frames.join("\n");
  for (const person of persons) {
    const { runId, approvalId, messageId } = theirs[person];
    for (const id of [server.scene.sessions[person], runId, approvalId, messageId]) expect(heard).not.toContain(id);
  }
}

const ofSessions = commandTypes.filter((type) => ["session", "approval", "whole session"].includes(lineOf(type).about));
const naming = ofSessions.filter((type) => lineOf(type).names);

it("has a line for every command", () => {
  expect(Object.keys(commandLines).toSorted()).toEqual(Object.keys(commands).toSorted());
});

describe.each<[who: Person, whose: Person]>([
  ["member", "owner"],
  ["owner", "member"],
  ["member", "guest"],
  ["owner", "guest"],
])("what the %s says of the session of the %s", (who, whose) => {
  const token = (): string => (who === "owner" ? ownerToken : server.scene.memberToken);

  it.each(ofSessions)("%s: finds nothing, in the words for what never was, and changes nothing", async (type) => {
    const before = await lookAtAll();
    const one = await as(token());
    const refused = await give(one, type, theirs[whose], server.scene.sessions[whose]);
    const absent = await give(one, type, nobodys, "nowhere");
    expect([refused.code, refused.message]).toEqual(["not_found", absent.message]);
    expect(absent.code).toBe("not_found");
    expectUnheard(one, [whose]);
    expect(one.frames.join()).not.toContain(marker);
    expect(await lookAtAll()).toEqual(before);
  });

  it.each(naming)("%s: finds nothing of theirs in a session of its own either", async (type) => {
    const before = await lookAtAll();
    const one = await as(token());
    const refused = await give(one, type, theirs[whose], server.scene.sessions[who]);
    const absent = await give(one, type, nobodys, server.scene.sessions[who]);
    expect([refused.code, refused.message]).toEqual(["not_found", absent.message]);
    expectUnheard(one, [whose]);
    expect(await lookAtAll()).toEqual(before);
  });
});

describe("what is about the user, said with the session of somebody else", () => {
  const ofUsers = commandTypes.filter((type) => ["connection", "user", "server"].includes(lineOf(type).about));

  it.each(ofUsers)("%s: is about who says it, and nothing of the other is touched or told", async (type) => {
    const before = await lookAt(server, server.scene.owner, server.scene.sessions.owner);
    const line = lineOf(type);
    const one = await as(server.scene.memberToken);
    const said = await give(one, type, theirs.owner, server.scene.sessions.owner);
    const expected = line.about === "server" ? "forbidden" : line.serves;
    expect(said.code).toBe(expected);
    expect((await give(one, type, nobodys, "nowhere")).code).toBe(expected);
    expectUnheard(one, ["owner", "guest"]);
    expect(await lookAt(server, server.scene.owner, server.scene.sessions.owner)).toEqual(before);
  });

  it.each(commandTypes.filter((type) => lineOf(type).about === "server"))("%s: is the owner's alone", async (type) => {
    expect((await give(await as(ownerToken), type, nobodys)).code).toBe(lineOf(type).serves);
    expect((await give(await as(server.scene.memberToken), type, nobodys)).code).toBe("forbidden");
  });
});

describe.each([false, true])("a minted token (may approve: %s)", (mayApprove) => {
  const allowed = (type: CommandType): boolean => {
    const { about } = lineOf(type);
    return about === "connection" || about === "session" || (about === "approval" && mayApprove);
  };

  it.each(commandTypes)("%s: reaches its session as far as it may, and no other", async (type) => {
    const { sessions } = server.scene;
    const before = await lookAt(server, server.scene.owner, sessions.owner);
    const one = await as(await server.minted({ mayApprove }));
    const line = lineOf(type);
    expect((await give(one, type, nobodys, sessions.guest)).code).toBe(allowed(type) ? line.serves : "forbidden");

    const elsewhere = line.about === "connection" ? "ok" : "forbidden";
    const answers = [];
    for (const [ids, sessionId] of [
      [theirs.owner, sessions.owner],
      [theirs.member, sessions.member],
      [nobodys, "nowhere"],
      [theirs.guest, `${sessions.guest} `],
    ] as const) {
      const said = await give(one, type, ids, sessionId);
      expect([sessionId, said.code]).toEqual([sessionId, elsewhere]);
      answers.push(said.message);
    }
    expect(new Set(answers).size).toBe(1);
    if (line.names && line.about !== "user")
      expect((await give(one, type, theirs.owner, sessions.guest)).code).toBe(allowed(type) ? "not_found" : "forbidden");
    expectUnheard(one, ["owner", "member"]);
    expect(await lookAt(server, server.scene.owner, sessions.owner)).toEqual(before);
  });

  it.each(commandTypes)("%s: of one session reaches nothing of another of the same user", async (type) => {
    const { guest, sessions } = server.scene;
    const before = await lookAt(server, guest, sessions.guest);
    const other = (await server.orquestra.command("session-create", {}, { user: guest })).sessionId;
    const one = await as(await server.minted({ mayApprove, sessionId: other }));
    const line = lineOf(type);
    const said = await give(one, type, theirs.guest, sessions.guest);
    expect(said.code).toBe(line.about === "connection" ? "ok" : "forbidden");
    if (line.names && line.about !== "user")
      expect((await give(one, type, theirs.guest, other)).code).toBe(allowed(type) ? "not_found" : "forbidden");
    expectUnheard(one, ["guest"]);
    expect(await lookAt(server, guest, sessions.guest)).toEqual(before);
  });
});

describe("a page that has not said who it is", () => {
  it.each([...commandTypes, "subscribe", "__proto__", ""])("%s: is unauthorized, and the end of it", async (type) => {
    const before = await lookAtAll();
    const one = await server.speak({ origin: hostPage });
    const data = isCommandType(type) ? lineOf(type).data(theirs.owner) : {};
    const said = await one.say(type, data, server.scene.sessions.owner);
    expect(said.code).toBe("unauthorized");
    expect(await one.closed()).toBe(4001);
    expect(one.frames).toHaveLength(2);
    expectUnheard(one, ["owner", "member", "guest"]);
    expect(await lookAtAll()).toEqual(before);
  });
});
