import { availableParallelism, loadavg, totalmem } from "node:os";

/** What a figure depends on besides the code. */
export function machineFacts(): {
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly load: number;
} {
  return {
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load: loadavg()[0] ?? 0,
  };
}

export function machineLine(): string {
  const { cores, memoryGiB, node, load } = machineFacts();
  return `${cores} cores, ${memoryGiB} GiB, Node ${node.slice(1)}, load ${load.toFixed(2)}`;
}
