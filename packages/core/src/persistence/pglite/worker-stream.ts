import { Duplex } from "node:stream";
import type { Worker } from "node:worker_threads";
import { hasEnded } from "./worker-thread.ts";

/** A connection to the database of a worker, in place of the socket the driver expects. */
export class WorkerStream extends Duplex {
  readonly #worker: Worker;
  #unsent: Buffer[] = [];

  constructor(worker: Worker) {
    super();
    this.#worker = worker;
    worker.on("message", this.#receive);
    worker.on("exit", this.#fail);
  }

  connect(): this {
    process.nextTick(() => (hasEnded(this.#worker) ? this.#fail() : this.emit("connect")));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    // Answers are pushed when they come.
  }

  /** What is written in one tick goes over in one message: a whole transaction is then one trip to the other thread. */
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#unsent.push(chunk) === 1) process.nextTick(() => this.#send());
    done();
  }

  override _final(done: () => void): void {
    this.#send();
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#worker.off("message", this.#receive);
    this.#worker.off("exit", this.#fail);
    done(error);
  }

  #send(): void {
    if (this.#unsent.length === 0) return;
    const request = new Uint8Array(Buffer.concat(this.#unsent));
    this.#unsent = [];
    this.#worker.postMessage(request, [request.buffer]);
  }

  readonly #receive = (message: unknown): void => {
    if (message instanceof Uint8Array) this.push(Buffer.from(message.buffer, message.byteOffset, message.byteLength));
  };

  readonly #fail = (): void => {
    this.destroy(Object.assign(new Error("the embedded database has ended"), { code: "ECONNRESET" }));
  };
}
