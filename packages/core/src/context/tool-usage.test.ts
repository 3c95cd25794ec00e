import { expect, test } from "vitest";
import { loadPreferences } from "./preferences.ts";
import { preference } from "./prompts.fixture.ts";
import { storeOf } from "./sessions.fixture.ts";
import { countCall, loadToolUsage } from "./tool-usage.ts";

const at = "2026-11-22T23:59:59.999Z";

test("calls are counted per user, tool and day, and add up with the most used tool first", async () => {
  const store = await storeOf([]);
  const call = { userId: "u1", tool: "file_read", at, ms: 10, failed: false };
  const changes = [
    countCall(call),
    countCall({ ...call, tool: "code_search", failed: true }),
    countCall({ ...call, tool: "code_search", at: "2026-11-23T00:00:00.000Z", ms: 5 }),
    countCall({ ...call, tool: "a_tool" }),
    countCall({ ...call, userId: "u2" }),
  ];
  for (const change of changes) await store.commit({ sessionId: null, events: [], changes: [change], at });
  expect(await loadToolUsage(store, "u1")).toEqual([
    { tool: "code_search", calls: 2, errors: 1, ms: 15 },
    { tool: "a_tool", calls: 1, errors: 0, ms: 10 },
    { tool: "file_read", calls: 1, errors: 0, ms: 10 },
  ]);
  expect((await store.toolUsage.list("u1")).map(({ day }) => day).toSorted()).toEqual([
    "2026-11-22",
    "2026-11-22",
    "2026-11-22",
    "2026-11-23",
  ]);
});

test("preferences come by key, those of the user alone", async () => {
  const store = await storeOf([]);
  const records = [preference("tone", "Brief."), preference("language", "English."), { ...preference("x", "y"), userId: "u2" }];
  await store.commit({
    sessionId: null,
    events: [],
    changes: records.map((record) => ({ put: "preferences", record }) as const),
    at,
  });
  expect((await loadPreferences(store, "u1")).map(({ key }) => key)).toEqual(["language", "tone"]);
});
