import type { FastifyInstance } from "fastify";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Sample, metric } from "./prometheus.ts";

/** What the composition can tell at any moment. */
export interface MetricsSources {
  readonly version: string;
  readonly connections: () => number;
  /** Sessions that somebody is attached to on this node. */
  readonly attachedSessions: () => number;
  /** Runs that have not ended, of all nodes. */
  readonly activeRuns: () => Promise<number>;
  /** Whether work goes on without what nodes share. */
  readonly degraded: () => boolean;
  /** What the engine measured of models and tools, as Prometheus text. */
  readonly engine: () => string;
}

/** Prometheus text, made by hand: so few numbers do not need a library. */
export function registerMetrics(app: FastifyInstance, sources: MetricsSources): void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const answered = new Map<number, number>();
  delay.enable();
  app.addHook("onClose", () => {
    delay.disable();
  });
  app.addHook("onResponse", async (_request, reply) => {
    answered.set(reply.statusCode, (answered.get(reply.statusCode) ?? 0) + 1);
  });
  app.get("/metrics", { config: { access: "bearer", says: "Prometheus metrics" } }, async (_request, reply) => {
    const memory = process.memoryUsage();
    const cpu = process.cpuUsage();
    const text = [
      metric("orquestra_info", "gauge", "The version that runs.", [[`{version="${sources.version}"}`, 1]]),
      metric("orquestra_connections", "gauge", "Open WebSocket connections.", [["", sources.connections()]]),
      metric("orquestra_attached_sessions", "gauge", "Sessions that somebody is attached to on this node.", [
        ["", sources.attachedSessions()],
      ]),
      metric("orquestra_active_runs", "gauge", "Runs that have not ended.", [["", await sources.activeRuns()]]),
      metric("orquestra_cluster_degraded", "gauge", "1 while Redis is away.", [["", sources.degraded() ? 1 : 0]]),
      metric("orquestra_http_responses_total", "counter", "Answered HTTP requests, by status.", byStatus(answered)),
      metric("process_start_time_seconds", "gauge", "When the process started.", [["", startedAt()]]),
      metric("process_cpu_seconds_total", "counter", "CPU time used.", [["", (cpu.user + cpu.system) / 1e6]]),
      metric("process_resident_memory_bytes", "gauge", "Memory held.", [["", memory.rss]]),
      metric("nodejs_heap_size_used_bytes", "gauge", "JavaScript heap in use.", [["", memory.heapUsed]]),
      metric("nodejs_eventloop_lag_p99_seconds", "gauge", "99th percentile since the last scrape.", [
        ["", delay.percentile(99) / 1e9],
      ]),
      sources.engine(),
    ];
    delay.reset();
    return await reply.type("text/plain; version=0.0.4; charset=utf-8").header("cache-control", "no-store").send(text.join(""));
  });
}

function byStatus(answered: ReadonlyMap<number, number>): readonly Sample[] {
  return [...answered].map(([status, count]) => [`{status="${status}"}`, count]);
}

function startedAt(): number {
  return Math.round(Date.now() / 1000 - process.uptime());
}
