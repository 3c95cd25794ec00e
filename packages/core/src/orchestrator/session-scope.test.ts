import { type Command, type CommandData, type CommandType, commands, isCommandType } from "@orquestra/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { type AttachRequest, type Attachment, type Engine, type SessionScope, engineWithin } from "./index.ts";

const user = { id: "host:42", tenant: "host", name: "Ada", metadata: {} };
const mine = "the session of the token";
const talker: SessionScope = { sessionId: mine, mayApprove: false, expiresAt: Number.MAX_SAFE_INTEGER };
const approver: SessionScope = { ...talker, mayApprove: true };

/** Said here a second time, so that widening a token is done on purpose. */
const forTalkers: readonly CommandType[] = [
  "message-list",
  "message-send",
  "queue-update",
  "output-read",
  "run-cancel",
  "run-steer",
  "todo-cancel",
  "todo-skip",
  "checkpoint-diff",
  "workspace-files",
];
const forApprovers: readonly CommandType[] = [
  "approval-respond",
  "checkpoint-restore",
  "todo-edit",
  "todo-retry",
  "todo-resolve",
];
const ofConnections: readonly CommandType[] = ["session-attach", "session-detach", "ping"];
const types = Object.keys(commands).filter(isCommandType);
const beyond = types.filter((type) => ![...forTalkers, ...forApprovers, ...ofConnections].includes(type));

let reached: string[];
let refusals: string[];
const attachment: Attachment = { seq: 0, snapshot: null, watching: 1, start: () => undefined, detach: () => undefined };
const engine: Engine = {
  handle: async ({ type }) => {
    reached.push(type);
    return {};
  },
  attach: async ({ sessionId }) => {
    reached.push(sessionId);
    return attachment;
  },
  refused: ({ type }, _user, { code }) => {
    refusals.push(`${type} ${code}`);
  },
  close: () => Promise.resolve(),
};

beforeEach(() => {
  reached = [];
  refusals = [];
});

async function attempt(scope: SessionScope | null, type: CommandType, sessionId?: string): Promise<unknown> {
  const command = { v: 1, id: "c1", type, data: {}, ...(sessionId === undefined ? {} : { sessionId }) };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is in the data is for the engine, which is a double here
  return engineWithin(scope, engine).handle(command as Command, user);
}

async function answer(decisions: Pick<CommandData<"approval-respond">, "decision" | "decisions">): Promise<unknown> {
  const data = { approvalId: "a1", ...decisions };
  return engineWithin(approver, engine).handle({ v: 1, id: "c1", type: "approval-respond", sessionId: mine, data }, user);
}

function attach(sessionId: string): AttachRequest {
  return { sessionId, user, deliver: () => undefined };
}

describe("a token's scope", () => {
  it.each(forTalkers)("lets %s through in its session", async (type) => {
    await attempt(talker, type, mine);
    await attempt(approver, type, mine);
    expect(reached).toEqual([type, type]);
  });

  it.each(forApprovers)("lets %s through only for tokens that may approve", async (type) => {
    await expect(attempt(talker, type, mine)).rejects.toMatchObject({ code: "forbidden" });
    expect(reached).toEqual([]);
    await attempt(approver, type, mine);
    expect(reached).toEqual([type]);
  });

  it.each(beyond)("forbids %s, also to tokens that may approve, whichever session it names", async (type) => {
    for (const scope of [talker, approver]) {
      await expect(attempt(scope, type)).rejects.toMatchObject({ code: "forbidden" });
      await expect(attempt(scope, type, mine)).rejects.toMatchObject({ code: "forbidden" });
    }
    expect(reached).toEqual([]);
  });

  it.each([...forTalkers, ...forApprovers])(
    "forbids %s in another session, in none, and in ones that look alike",
    async (type) => {
      for (const sessionId of ["another", undefined, "", `${mine} `, mine.toUpperCase()]) {
        await expect(attempt(approver, type, sessionId)).rejects.toMatchObject({ code: "forbidden" });
      }
      expect(reached).toEqual([]);
    },
  );

  it("leaves no rule behind that holds in other sessions", async () => {
    await answer({ decision: "allow_once", decisions: { t1: "reject_once" } });
    for (const always of ["allow_always", "reject_always"] as const) {
      await expect(answer({ decision: always })).rejects.toMatchObject({ code: "forbidden" });
      await expect(answer({ decision: "allow_once", decisions: { t1: always } })).rejects.toMatchObject({ code: "forbidden" });
    }
    expect(reached).toEqual(["approval-respond"]);
  });

  it("lets its session be attached to, and tells nothing of whether there are others", async () => {
    const scoped = engineWithin(talker, engine);
    await expect(scoped.attach(attach("another"))).rejects.toMatchObject({ code: "forbidden" });
    expect(reached).toEqual([]);
    expect(await scoped.attach(attach(mine))).toBe(attachment);
    expect(reached).toEqual([mine]);
  });

  it("says what to do about it", async () => {
    await expect(attempt(talker, "session-list")).rejects.toThrow("session-list reaches beyond the session");
    await expect(attempt(talker, "message-list", "another")).rejects.toThrow("name the one it was minted for");
    await expect(attempt(talker, "approval-respond", mine)).rejects.toThrow("whoever minted it left that out");
  });
});

it("is not there for who is signed in as themselves", async () => {
  for (const type of types) await attempt(null, type);
  expect(reached).toEqual(types);
});
