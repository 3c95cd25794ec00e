import type { Json } from "@orquestra/protocol";

/** The native calls that a request answers, by id, in whichever wire format. */
export function answeredCalls(request: Json): readonly string[] {
  return idsIn(request, (object) => {
    const id = object["tool_call_id"] ?? object["tool_use_id"];
    return object["type"] === "function_call_output" ? object["call_id"] : id;
  });
}

/** The native calls that a request tells the model it made. */
export function toldCalls(request: Json): readonly string[] {
  return idsIn(request, (object) => {
    if (object["type"] === "function_call") return object["call_id"];
    return object["type"] === "tool_use" || "function" in object ? object["id"] : undefined;
  });
}

/** The results that a request tells the model, by the ids of their todos, in whichever plan format. */
export function toldResults(request: Json): readonly string[] {
  return Array.from(JSON.stringify(request).matchAll(/<result id=\\"(t[\d.]+)\\"/g), ([, id = ""]) => id);
}

type JsonObject = { readonly [key: string]: Json };

function idsIn(value: Json, idOf: (object: JsonObject) => Json | undefined): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (isArray(value)) return value.flatMap((item) => idsIn(item, idOf));
  const id = idOf(value);
  return [...(typeof id === "string" ? [id] : []), ...Object.values(value).flatMap((inner) => idsIn(inner, idOf))];
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
