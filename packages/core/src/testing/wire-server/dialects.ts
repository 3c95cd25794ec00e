import type { RecordedRequest } from "./recorded-request.ts";
import { type Reply, callsOf, tokensOf } from "./reply.ts";

/** How servers compatible with Chat Completions differ from it. Made by hand after their public sources and issue reports. */
export type DialectName = "ollama" | "vllm" | "llama.cpp" | "lm-studio" | "plain-json";

interface Dialect {
  /** The refusal of a request with tools, where the model was started without them. */
  readonly noTools: { readonly status: number; readonly message: string };
  body(reply: Reply): { readonly contentType: string; readonly body: string };
}

const events = "text/event-stream";
const data = (chunk: object): string => `data: ${JSON.stringify(chunk)}\n\n`;
const chunk = (delta: object, finish: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const stream = (...parts: readonly string[]) => ({ contentType: events, body: parts.join("") });

const dialects: { readonly [name in DialectName]: Dialect } = {
  /** No usage unless asked, an empty first chunk that says "load", calls whole and named a plain stop. */
  ollama: {
    noTools: { status: 400, message: "registry.ollama.ai/library/gemma2:2b does not support tools" },
    body: (reply) =>
      stream(
        data(chunk({ role: "assistant", content: "" }, "load")),
        ...tokensOf(reply.reasoning).map((token) => data(chunk({ role: "assistant", content: "", reasoning: token }))),
        ...tokensOf(reply.text).map((token) => data(chunk({ role: "assistant", content: token }))),
        ...callsOf(reply).map((call) => data(chunk({ role: "assistant", content: "", tool_calls: [wholeCall(call)] }))),
        data(chunk({ role: "assistant", content: "" }, "stop")),
        "data: [DONE]\n\n",
      ),
  },
  /** Role first, reasoning under its older name, arguments in pieces, usage in a chunk without choices, comments between. */
  vllm: {
    noTools: { status: 400, message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set' },
    body: (reply) =>
      stream(
        data(chunk({ role: "assistant" })),
        ": keep-alive\n\n",
        ...tokensOf(reply.reasoning).map((token) => data(chunk({ reasoning_content: token }))),
        ...tokensOf(reply.text).map((token) => data(chunk({ content: token }))),
        ...callsOf(reply).flatMap((call, index) => piecesOf(call, index)),
        data({ choices: [{ index: 0, delta: {}, finish_reason: "eos", stop_reason: null }] }),
        data({ choices: [], usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } }),
        "data: [DONE]\n\n",
      ),
  },
  /** `data:` without a space, never a finish reason, no `[DONE]`, timings beside the usage. */
  "llama.cpp": {
    noTools: { status: 500, message: "tools param requires --jinja flag" },
    body: (reply) => {
      const text = stream(
        data(chunk({ role: "assistant", content: null })),
        ...tokensOf(reply.reasoning).map((token) => data(chunk({ reasoning_content: token }))),
        ...tokensOf(reply.text).map((token) => data(chunk({ content: token }))),
        ...callsOf(reply).flatMap((call, index) => piecesOf(call, index)),
        data({ ...chunk({}, "stop"), timings: { predicted_ms: 1 }, usage: { prompt_tokens: 5, completion_tokens: 3 } }),
      );
      return { ...text, body: text.body.replaceAll("data: ", "data:") };
    },
  },
  /** Arguments as an object, lines that end with CRLF, an event name nobody needs. */
  "lm-studio": {
    noTools: { status: 400, message: "This model does not support tool use" },
    body: (reply) => {
      const text = stream(
        ...tokensOf(reply.reasoning).map((token) => data(chunk({ reasoning: token }))),
        ...tokensOf(reply.text).map((token) => `event: message\n${data(chunk({ content: token }))}`),
        ...callsOf(reply).map(({ name, arguments: given }) =>
          data(chunk({ tool_calls: [{ function: { name, arguments: given } }] })),
        ),
        data({ ...chunk({}, "tool_calls"), usage: null }),
        "data: [DONE]\n\n",
      );
      return { ...text, body: text.body.replaceAll("\n", "\r\n") };
    },
  },
  /** A server that does not stream, whatever it is asked. */
  "plain-json": {
    noTools: { status: 422, message: "This model does not support function calling" },
    body: (reply) => {
      const content = tokensOf(reply.text).join("");
      const message = { role: "assistant", content, reasoning: reply.reasoning, tool_calls: callsOf(reply).map(wholeCall) };
      const body = JSON.stringify({
        choices: [{ message, finish_reason: null }],
        usage: { prompt_tokens: 5, completion_tokens: 3 },
      });
      return { contentType: "application/json", body };
    },
  },
};

/** The reply as such a server gives it. `takesTools: false`: it refuses what offers some. */
export function inDialect(
  name: DialectName,
  reply: Reply,
  request: { readonly body: RecordedRequest["body"]; readonly takesTools: boolean },
): Reply {
  const dialect = dialects[name];
  const { noTools } = dialect;
  if (request.takesTools || request.body["tools"] === undefined) return { raw: dialect.body(reply) };
  const refusal = { error: { message: noTools.message, type: "api_error", param: null, code: null } };
  return { status: noTools.status, raw: { contentType: "application/json", body: JSON.stringify(refusal) } };
}

type Call = ReturnType<typeof callsOf>[number];

function wholeCall({ id, name, arguments: given }: Call): object {
  return { id, index: 0, type: "function", function: { name, arguments: JSON.stringify(given) } };
}

function piecesOf({ id, name, arguments: given }: Call, index: number): readonly string[] {
  const text = JSON.stringify(given);
  const half = Math.floor(text.length / 2);
  return [
    data(chunk({ tool_calls: [{ index, id, type: "function", function: { name } }] })),
    data(chunk({ tool_calls: [{ index, function: { arguments: text.slice(0, half) } }] })),
    data(chunk({ tool_calls: [{ index, function: { arguments: text.slice(half) } }] })),
  ];
}
