import { beforeEach, describe, expect, it } from "vitest";
import { openInMemoryStore } from "../persistence/in-memory/index.ts";
import type { Store } from "../persistence/index.ts";
import { SessionTokens } from "./session-tokens.ts";

const start = Date.parse("2026-01-01T00:00:00.000Z");
const minute = 60_000;
let store: Store;
let now: number;

beforeEach(async () => {
  store = openInMemoryStore();
  now = start;
  const record = { id: "ada", tenant: "home", name: "Ada", metadata: {}, role: "member", createdAt: "" } as const;
  await store.commit({ sessionId: null, events: [], changes: [{ put: "users", record }], at: "2026-01-01T00:00:00.000Z" });
});

function tokens(approvals?: boolean): SessionTokens {
  return new SessionTokens({ store, clock: { now: () => now }, ...(approvals === undefined ? {} : { approvals }) });
}

const request = { userId: "ada", sessionId: "s1", ttlMs: 10 * minute };

describe("a token for a session", () => {
  it("stands for its user and reaches its session, until it is over", async () => {
    const { token, expiresAt } = await tokens().mint(request);
    expect(expiresAt).toBe("2026-01-01T00:10:00.000Z");
    const expected = { user: { id: "ada" }, scope: { sessionId: "s1", mayApprove: false, expiresAt: start + 10 * minute } };
    expect(await tokens().identify(token)).toMatchObject(expected);
    now = start + 10 * minute - 1;
    expect(await tokens().identify(token)).not.toBeNull();
    now += 1;
    expect(await tokens().identify(token)).toBeNull();
  });

  it("is over for a clock that jumps either way by more than it lasts, and good again when the clock is right", async () => {
    const { token } = await tokens().mint(request);
    for (const [jump, holds] of [
      [-10, false],
      [-9, true],
      [9, true],
      [10, false],
      [0, true],
    ] as const) {
      now = start + jump * minute;
      expect((await tokens().identify(token)) !== null).toBe(holds);
    }
  });

  it("may approve only where it was minted so and approvals are on, now", async () => {
    for (const [asked, on, may] of [
      [undefined, true, false],
      [true, undefined, false],
      [true, false, false],
      [true, true, true],
    ] as const) {
      const { token } = await tokens(true).mint({ ...request, ...(asked === undefined ? {} : { mayApprove: asked }) });
      expect((await tokens(on).identify(token))?.scope.mayApprove).toBe(may);
    }
  });

  it("is nobody's when it was made up, or is a way in of another kind", async () => {
    const { token } = await tokens().mint(request);
    expect(await tokens().identify(`${token}x`)).toBeNull();
    expect(await tokens().identify("")).toBeNull();
  });

  it("is not kept: only its hash is, and that not for long", async () => {
    const { token } = await tokens().mint(request);
    expect(await store.logins.get(token)).toBeNull();
    now = start + 11 * minute;
    await tokens().mint(request);
    expect(await store.logins.trim("2026-01-01T00:10:30.000Z")).toBe(0);
  });
});
