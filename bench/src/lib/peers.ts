import { existsSync } from "node:fs";
import { messageOf } from "@orquestra/core";
import type { z } from "zod";
import type { Report } from "../bench.ts";
import type { Options } from "../options.ts";
import { askChildWithin } from "./child.ts";

/** Other frameworks, with a lock file of their own in bench/peers. */
export const peers = ["ai-sdk", "openai-agents", "langgraph"] as const;
export type PeerName = (typeof peers)[number];

const folder = new URL("../../peers/", import.meta.url);

/** Those that take part: all, where they are asked for and installed. */
export function peersFor(options: Options, report: Report): readonly PeerName[] {
  if (!options.peers) return [];
  if (existsSync(new URL("node_modules", folder))) return peers;
  report.line("The peers are not installed: npm run bench:peers installs them.");
  return [];
}

/** `failed`: it could not do the work, or not in time. That is a result too. */
export type PeerAnswer<T> = { readonly status: "done"; readonly value: T } | { readonly status: "failed"; readonly why: string };

export async function askPeer<Schema extends z.ZodType>(
  settings: { readonly peer: PeerName; readonly ms: number; readonly [name: string]: unknown },
  schema: Schema,
): Promise<PeerAnswer<z.infer<Schema>>> {
  try {
    return { status: "done", value: await askChildWithin(settings.ms, new URL("child.mjs", folder), settings, schema) };
  } catch (error) {
    return { status: "failed", why: messageOf(error) };
  }
}
