import { type CommandType, type ErrorCode, type Json, commands, isCommandType } from "@orquestra/protocol";
import { once } from "node:events";
import { WebSocket } from "ws";
import { z } from "zod";

const frameSchema = z.looseObject({ type: z.string(), re: z.string().nullish(), sessionId: z.string().optional() });
const replySchema = z.object({
  ok: z.boolean(),
  error: z.object({ code: z.custom<ErrorCode>(), message: z.string() }).optional(),
  data: z.custom<Json>().optional(),
});

export interface Said {
  readonly code: ErrorCode | "ok";
  readonly message: string;
  /** The whole frame. */
  readonly text: string;
}

export const commandTypes: readonly CommandType[] = Object.keys(commands).filter(isCommandType);

let ids = 0;

/** A socket that keeps every frame it gets. */
export class Speaker {
  readonly frames: string[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  closedWith: number | null = null;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      this.frames.push(data.toString());
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("close", (code) => {
      this.closedWith = code;
      this.#wake();
    });
  }

  static async connect(port: number, headers: { readonly [name: string]: string }): Promise<Speaker> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, "orquestra.v1", { headers: { ...headers } });
    const speaker = new Speaker(socket);
    await once(socket, "open");
    return speaker;
  }

  async say(type: string, data: object, sessionId?: string): Promise<Said> {
    ids += 1;
    const id = `command-${ids}`;
    this.#socket.send(JSON.stringify({ v: 1, id, type, data, ...(sessionId === undefined ? {} : { sessionId }) }));
    const text = await this.frame((frame) => frame.type === "reply" && (frame.re === id || frame.re === null));
    const { error } = replySchema.parse(JSON.parse(text));
    return { code: error?.code ?? "ok", message: error?.message ?? "", text };
  }

  async frame(matches: (frame: z.infer<typeof frameSchema>) => boolean): Promise<string> {
    for (;;) {
      const found = this.frames.find((frame) => matches(frameSchema.parse(JSON.parse(frame))));
      if (found !== undefined) return found;
      if (this.closedWith !== null) throw new Error(`closed with ${this.closedWith}`);
      await this.#news();
    }
  }

  async closed(): Promise<number> {
    while (this.closedWith === null) await this.#news();
    return this.closedWith;
  }

  close(): void {
    this.#socket.terminate();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
