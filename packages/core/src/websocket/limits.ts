import { maxFrameBytes } from "@orquestra/protocol";
import type { BucketLimits } from "../lib/token-bucket.ts";
import type { ConnectionLimits } from "./connection.ts";
import type { LobbyLimits } from "./lobby.ts";
import { defaultQueueLimits } from "./outgoing-queue.ts";
import type { UserLimits } from "./pace.ts";
import type { StandingLimits } from "./standing.ts";

export interface GatewayLimits extends ConnectionLimits, LobbyLimits, UserLimits, StandingLimits {
  /** Inbound frames above it close the connection with 1009. */
  readonly frameBytes: number;
  readonly heartbeatMs: number;
  /** Upgrades without credentials from one address. */
  readonly guestConnects: BucketLimits;
}

/** What one connection, one user and one address may ask of a node. docs/server-surface.md has them as a table, with the others. */
export const defaultLimits: GatewayLimits = {
  ...defaultQueueLimits,
  // A sidebar says a few things a minute; attaching anew to many sessions after a restart comes in a burst.
  commands: { perSecond: 50, burst: 200 },
  commandsInFlight: 64,
  // As many as the commands: a flood of half a megabyte of refusals is answered, one without an end is not read.
  refusals: { perSecond: 50, burst: 4_000 },
  // A living peer sends one every half minute or so.
  pings: { perSecond: 5, burst: 20 },
  // Ten people's tabs at one product, and a hundred of a hoarder's; each costs some 20 KiB.
  socketsPerUser: 256,
  // All of somebody's tabs at once when a server comes back, and then no storm.
  userConnects: { perSecond: 10, burst: 256 },
  // Four connections that never rest.
  userCommands: { perSecond: 200, burst: 1_000 },
  // A tenth of the runs that a node gets done; a person types one in many seconds, a script of theirs may queue some.
  userMessages: { perSecond: 10, burst: 200 },
  frameBytes: maxFrameBytes,
  heartbeatMs: 30_000,
  // For those who only listen, where nobody said that something was taken back; each look is a read of the database.
  standingMs: 60_000,
  // For what was taken back by a node that could not say so.
  freshMs: 2_000,
  closeMs: 2_000,
  guests: 256,
  // From one address: behind a proxy that is everybody, and after a restart they all come at once.
  guestConnects: { perSecond: 100, burst: 1_000 },
  signInMs: 5_000,
  signInBytes: 4096,
};
