import type { Failure } from "@orquestra/protocol";

const advice: Readonly<Record<string, string>> = {
  rate_limit: "The model's provider limits how often it may be asked. Waiting a little helps; another model helps at once.",
  auth: "The provider did not accept the key. Paste a new one.",
  overloaded: "The provider is busy. Trying again usually works.",
  network: "The provider could not be reached. Check the connection of the machine the server runs on.",
  context_length: "The conversation is too long for this model. Start a new session, or choose a model with a larger window.",
  refusal: "The model declined to answer. Saying what it is for may help.",
  invalid_request: "The provider refused the request. Another model may take it.",
};

/** True where a model that works is what is missing. */
export function asksForModel(error: Failure): boolean {
  return error.code.replace(/^model_/, "") === "auth";
}

/** What to do about a failed run, by its code; those of models come with `model_` in front. */
export function adviceFor(error: Failure): string {
  return (
    advice[error.code.replace(/^model_/, "")] ??
    (error.retryable === false ? "Trying the same again will not help." : "You can try again; what was already done stays done.")
  );
}
