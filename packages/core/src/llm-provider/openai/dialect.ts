/** How one server of the OpenAI kind wants its requests. */
export interface OpenAiDialect {
  readonly model: string;
  /** OpenAI itself, and not a server compatible with it. */
  readonly official: boolean;
  /** Takes a temperature; OpenAI's reasoning models refuse the request instead. */
  readonly temperature: boolean;
  /** Asks for summaries of the reasoning; OpenAI gives them to verified organisations only and refuses others. */
  readonly reasoningSummaries: boolean;
}

export function dialectOf(options: { provider: string; model: string; reasoningSummaries?: boolean | undefined }): OpenAiDialect {
  const official = options.provider === "openai";
  return {
    model: options.model,
    official,
    temperature: !official || /^(gpt-4|gpt-3|chatgpt)/.test(options.model),
    reasoningSummaries: options.reasoningSummaries ?? false,
  };
}
