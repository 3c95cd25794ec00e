import type { ModelPart } from "../language-model.ts";
import type { DecodedPart, DecodedParts, StreamEnding, WireCodec } from "./codec.ts";
import { cutFailure, noModelFailure } from "./exceptions.ts";
import type { ModelIdentity } from "./identity.ts";
import { isObject, parseJson } from "./json.ts";
import { failureOfEvent } from "./refusal.ts";

/** Turns the events of one stream into parts and sees to it that exactly one of them, the last, is `end` or `error`. */
export interface PartDecoder {
  /** The closing part is out: nothing more will come. */
  readonly ended: boolean;
  /** The `data` of the events of one network read. */
  read(events: readonly string[]): readonly ModelPart[];
  /** A whole answer in one JSON body, as servers send that do not stream. */
  whole(body: string): readonly ModelPart[];
  /** The body is over. */
  close(): readonly ModelPart[];
}

export class StreamDecoder<State> implements PartDecoder {
  readonly #who: ModelIdentity;
  readonly #codec: WireCodec<State>;
  readonly #state: State;
  #ended = false;
  #understood = false;

  constructor(who: ModelIdentity, codec: WireCodec<State>) {
    this.#who = who;
    this.#codec = codec;
    this.#state = codec.start();
  }

  get ended(): boolean {
    return this.#ended;
  }

  read(events: readonly string[]): readonly ModelPart[] {
    const parts: ModelPart[] = [];
    for (const data of events) {
      if (this.#ended) break;
      this.#event(data, parts);
    }
    return parts;
  }

  whole(body: string): readonly ModelPart[] {
    const parts: ModelPart[] = [];
    this.#event(body, parts);
    if (!this.#ended) this.#finish("said", parts);
    return parts;
  }

  close(): readonly ModelPart[] {
    const parts: ModelPart[] = [];
    this.#finish("closed", parts);
    return parts;
  }

  #event(data: string, parts: ModelPart[]): void {
    if (data === "[DONE]") return this.#finish("said", parts);
    const event = parseJson(data);
    if (!isObject(event)) return this.#end(this.#damaged(), parts);
    this.#understood = true;
    this.#take(this.#codec.decode(this.#state, event), parts);
  }

  #finish(ending: StreamEnding, parts: ModelPart[]): void {
    this.#take(this.#codec.finish(this.#state, ending), parts);
    if (!this.#ended) this.#end({ type: "error", error: cutFailure(this.#who) }, parts);
  }

  #take(decoded: DecodedParts, parts: ModelPart[]): void {
    for (const part of decoded) {
      if (this.#ended) return;
      this.#takeOne(part, parts);
    }
  }

  #takeOne(part: DecodedPart, parts: ModelPart[]): void {
    if (part.type === "failed") return this.#end({ type: "error", error: failureOfEvent(this.#who, part.body) }, parts);
    if (part.type === "end") return this.#end(part, parts);
    parts.push(part);
  }

  #end(part: ModelPart, parts: ModelPart[]): void {
    this.#ended = true;
    parts.push(part);
  }

  /** Nonsense from the start comes from no model server; after a good event, the answer was damaged on its way. */
  #damaged(): ModelPart {
    return { type: "error", error: this.#understood ? cutFailure(this.#who) : noModelFailure(this.#who) };
  }
}
