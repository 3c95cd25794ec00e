import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Runs a script on a thread of its own. `source` is its TypeScript file: compiled, the script lies beside it; run from source it
 * first needs what reads TypeScript.
 */
export function startThread(source: URL, options: WorkerOptions): Worker {
  const own = { ...options, execArgv: [] };
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL(source.href.replace(/\.ts$/, ".js")), own);
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const start = `import(${loader}).then(({ register }) => { register(); return import(${JSON.stringify(source.href)}); })`;
  return new Worker(start, { ...own, eval: true });
}
