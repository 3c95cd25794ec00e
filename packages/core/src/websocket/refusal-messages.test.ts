import { afterEach, describe, expect, it } from "vitest";
import { type Frame, Harness } from "./gateway-harness.ts";

// The very sentences that whoever writes a client reads when it says something wrong.

let current: Harness | null = null;
afterEach(async () => {
  await current?.stop();
  current = null;
});

async function answerTo(frame: object | string | Buffer): Promise<Frame> {
  current = await new Harness({}).listen();
  const client = await current.signedIn();
  if (Buffer.isBuffer(frame)) client.socket.send(frame, { binary: true });
  else client.send(frame);
  const reply = await client.frame(({ type }) => type === "reply");
  client.send({ id: "still there", type: "ping" });
  await client.reply("still there");
  return reply;
}

describe("a frame that is no command", () => {
  it.each<[what: string, frame: object | string | Buffer, message: string]>([
    ["no JSON", "{", "That frame is not JSON."],
    ["nothing", "", "That frame is not JSON."],
    ["binary", Buffer.from("{}"), "Send text frames, one JSON object each."],
    ["an array", "[]", "A command must be an object, not an array."],
    ["of another version", { v: 2, id: "a", type: "ping" }, "v: it must be 1."],
    ["without an id", { type: "ping" }, "id: it is missing."],
    ["of an unknown type", { id: "a", type: "self-destruct" }, 'Unknown command type "self-destruct".'],
    ["with a field nobody knows", { id: "a", type: "ping", role: "owner" }, 'There is no field "role" in a command.'],
    [
      "with data nobody knows",
      { id: "a", type: "session-create", data: { owner: "me" } },
      'There is no field "owner" in session-create.',
    ],
    ["without its session", { id: "a", type: "session-attach" }, "session-attach needs a sessionId."],
    [
      "with a wrong value",
      { id: "a", type: "session-list", data: { limit: "all" } },
      "limit: it must be a number, not a string.",
    ],
  ])("%s is answered with what is wrong, and the connection stays", async (_what, frame, message) => {
    expect(await answerTo(frame)).toMatchObject({ ok: false, error: { code: "bad_request", message, retryable: false } });
  });
});
