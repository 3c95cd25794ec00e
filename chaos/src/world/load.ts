import { setTimeout as sleep } from "node:timers/promises";
import { type UserName, users } from "../child/settings.ts";
import { Random } from "../lib/random.ts";
import type { Conversation } from "./conversation.ts";
import type { World } from "./world.ts";

const sessionsPerUser = 3;
/** Then somebody begins a new session. */
const mostJobs = 15;
const whole = 0.15;
const stopped = 0.03;
const steered = 0.05;

/** Everybody talks in several sessions at once and sends more while an answer is still on its way, until it is stopped. */
export class Load {
  readonly #world: World;
  readonly #talks: readonly Promise<void>[];
  readonly #restless: boolean;
  #over = false;

  /** `restless`: now and then somebody stops a run or adds something to it. */
  constructor(world: World, restless: boolean) {
    this.#world = world;
    this.#restless = restless;
    this.#talks = users.flatMap((user) =>
      Array.from({ length: sessionsPerUser }, (_, index) => this.#talk(user, Random.of(world.seed, "load", user, index))),
    );
    // What breaks one of them is told by `stop`.
    for (const talk of this.#talks) talk.catch(() => undefined);
  }

  /** Resolves when everything that was said has come to its end. */
  async stop(within: number): Promise<void> {
    this.#over = true;
    await Promise.all(this.#talks);
    for (const conversation of this.#world.conversations) await conversation.settled(within);
  }

  async #talk(user: UserName, random: Random): Promise<void> {
    let conversation = await this.#world.converse(user);
    while (!this.#over) {
      if (conversation.acknowledged.length >= mostJobs) conversation = await this.#world.converse(user);
      if (conversation.busy < random.between(1, 3)) await this.#say(conversation, random);
      conversation.look();
      await sleep(random.between(5, 60));
    }
  }

  async #say(conversation: Conversation, random: Random): Promise<void> {
    await conversation.send(this.#world.newJob(random.chance(whole) ? "whole" : "small"));
    if (!this.#restless) return;
    if (random.chance(stopped)) await conversation.stop();
    if (random.chance(steered)) await conversation.steer("Mind the gap.");
  }
}
