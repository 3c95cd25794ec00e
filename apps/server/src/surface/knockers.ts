import type { Access } from "../http/door.ts";
import { ownerToken } from "../http/http-harness.ts";
import { type Scene, type SurfaceServer, hostPage } from "./surface-harness.ts";

/** How far somebody gets: `in` to what is there, or a refusal at the door. */
export type Reach = "in" | 401 | 403;

export interface Knock {
  readonly access: Access;
  readonly writes: boolean;
}

/** Somebody at the door. */
export interface Knocker {
  readonly is: string;
  /** Header lines beside Host, and what they say instead of it. */
  readonly head: (server: SurfaceServer) => Promise<readonly string[]>;
  readonly host?: (port: number) => string;
  readonly query?: string;
  /** Whose session is asked for. Default: the owner's. */
  readonly session?: keyof Scene["sessions"];
  readonly reaches: (knock: Knock) => Reach;
}

const everywhere = (): Reach => "in";
const nowhere = (): Reach => 403;
const nobody = ({ access }: Knock): Reach => (access === "public" ? "in" : 401);

const ours = ({ port }: SurfaceServer): string => `Origin: http://127.0.0.1:${port}`;
const bearer = (token: string): string => `Authorization: Bearer ${token}`;
const asCookie = (secret: string, port: number): string => `Cookie: orquestra-${port}=${secret}`;

/** Someone who says nothing else of themselves. */
const says = (is: string, ...lines: readonly string[]): Knocker => ({ is, head: async () => lines, reaches: nobody });

/** Cookies that are none, with an Origin of ours. */
const cookieOf = (is: string, secret: (server: SurfaceServer) => Promise<string> | string): Knocker => ({
  is: `a page of ours with ${is} for a cookie`,
  head: async (server) => [ours(server), asCookie(await secret(server), server.port)],
  reaches: nobody,
});

const bearerOf = (is: string, token: (server: SurfaceServer) => Promise<string>): Knocker => ({
  is: `a program with ${is} for a token`,
  head: async (server) => [bearer(await token(server))],
  reaches: nobody,
});

export const unknownKnockers: readonly Knocker[] = [
  says("nobody"),
  { is: "nobody, from a page of ours", head: async (server) => [ours(server)], reaches: nobody },
  { ...says("nobody, with the token in the address"), query: `?token=${ownerToken}&access_token=${ownerToken}` },
  says("a program with a made-up token", bearer("made-up-wrong-token")),
  says("a program with an empty token", "Authorization: Bearer"),
  says("a program with two tokens", bearer(`${ownerToken} ${ownerToken}`)),
  says("a program with the token and more", bearer(`${ownerToken}x`)),
  says("a program with half the token", bearer(ownerToken.slice(0, -1))),
  says("a program with another scheme", `Authorization: Basic ${Buffer.from(`owner:${ownerToken}`).toString("base64")}`),
  says("a program with the token under another name", `X-Api-Key: ${ownerToken}`, `Proxy-Authorization: Bearer ${ownerToken}`),
  says("a program with a token of 7,000 characters", bearer("x".repeat(7_000))),
  {
    is: "a program with a made-up token beside a good cookie",
    head: async (server) => [ours(server), `Cookie: ${await server.cookie()}`, bearer("made-up")],
    reaches: nobody,
  },
  {
    is: "a page of ours with a cookie of last month",
    head: async (server) => [ours(server), `Cookie: ${await server.cookie(31)}`],
    reaches: nobody,
  },
  {
    is: "a page of ours with the cookie of another port",
    head: async (server) => [ours(server), `Cookie: ${(await server.cookie()).replace(/orquestra-\d+/, "orquestra-1")}`],
    reaches: nobody,
  },
  ...["", "%E0%A4%A", '""', "made up; =; ;;", "\u00e9", "x".repeat(7_000), "e3b0c44298fc1c149afbf4c8996fb924"].map((secret) =>
    cookieOf(JSON.stringify(secret.slice(0, 20)), () => secret),
  ),
  cookieOf("the owner's token", () => ownerToken),
  cookieOf("a member's token", ({ scene }) => scene.memberToken),
  cookieOf("a launch token", ({ http }) => http.logins.newLaunchToken()),
  cookieOf("a minted token", (server) => server.minted()),
  bearerOf("a launch token", ({ http }) => http.logins.newLaunchToken()),
  bearerOf("a cookie", async (server) => (await server.cookie()).replace(/.*=/, "")),
  bearerOf("a minted token that is over", (server) => server.minted({ ttlMs: -1 })),
];

const ofOwner = async (): Promise<readonly string[]> => [bearer(ownerToken)];
const ofBrowser = async (server: SurfaceServer): Promise<readonly string[]> => [`Cookie: ${await server.cookie()}`];

export const knownKnockers: readonly Knocker[] = [
  { is: "the owner", head: ofOwner, reaches: everywhere },
  { is: "the owner, from a page of ours", head: async (server) => [...(await ofOwner()), ours(server)], reaches: everywhere },
  {
    is: "the owner's browser",
    head: async (server) => [ours(server), ...(await ofBrowser(server))],
    reaches: ({ access }) => (access === "bearer" || access === "owner" ? 401 : "in"),
  },
  {
    is: "the owner's browser, without an Origin",
    head: ofBrowser,
    reaches: ({ access, writes }) => {
      if (access === "public") return "in";
      if (writes) return 403;
      return access === "bearer" || access === "owner" ? 401 : "in";
    },
  },
  {
    is: "a member",
    head: async ({ scene }) => [bearer(scene.memberToken)],
    session: "member",
    reaches: ({ access }) => (access === "owner" ? 403 : "in"),
  },
  ...[false, true].map((mayApprove): Knocker => ({
    is: mayApprove ? "a minted token that may approve" : "a minted token",
    head: async (server) => [bearer(await server.minted({ mayApprove }))],
    session: "guest",
    reaches: ({ access }) => (access === "public" || access === "session" ? "in" : 403),
  })),
];

/** Whatever else they bring along, they do not come from where they should. */
const withAll = (
  is: string,
  stranger: Partial<Knocker>,
  lines: (server: SurfaceServer) => readonly string[],
): readonly Knocker[] =>
  [
    { who: "nobody", credentials: async (): Promise<readonly string[]> => [] },
    { who: "the owner", credentials: ofOwner },
    { who: "the owner's browser", credentials: ofBrowser },
  ].map(({ who, credentials }) => ({
    is: `${who}, ${is}`,
    head: async (server) => [...lines(server), ...(await credentials(server))],
    reaches: nowhere,
    ...stranger,
  }));

const origins: readonly ((port: number) => string)[] = [
  () => "http://evil.example",
  () => hostPage,
  () => "null",
  () => "file://",
  () => "",
  (port) => `https://127.0.0.1:${port}`,
  (port) => `http://127.0.0.1:${port}.evil.example`,
  (port) => `http://127.0.0.1:${port}/`,
  (port) => `http://127.0.0.1:${port}, http://evil.example`,
  (port) => `http://evil@127.0.0.1:${port}`,
  () => "http://127.0.0.1",
  () => "http://127.0.0.1:1",
];

const hosts: readonly ((port: number) => string)[] = [
  () => "evil.example",
  (port) => `evil.example:${port}`,
  (port) => `127.0.0.1.evil.example:${port}`,
  (port) => `127.0.0.1:${port}.evil.example`,
  (port) => `localhost.evil.example:${port}`,
  (port) => `evil.localhost:${port}`,
  (port) => `localhost.:${port}`,
  (port) => `0.0.0.0:${port}`,
  (port) => `[::]:${port}`,
  (port) => `127.0.0.2:${port}`,
  (port) => `2130706433:${port}`,
  (port) => `0x7f.1:${port}`,
  (port) => `[::ffff:127.0.0.1]:${port}`,
  (port) => `evil@127.0.0.1:${port}`,
  () => "127.0.0.1",
  () => "127.0.0.1:1",
  (port) => `127.0.0.1:0${port}`,
  () => "",
];

export const strangers: readonly Knocker[] = [
  ...origins.flatMap((origin) =>
    withAll(`from a page of ${JSON.stringify(origin(4310))}`, {}, ({ port }) => [`Origin: ${origin(port)}`]),
  ),
  ...hosts.flatMap((host) => withAll(`to ${JSON.stringify(host(4310))}`, { host }, () => [])),
  ...withAll("by a name that a proxy would know", { host: () => "evil.example" }, ({ port }) => [
    `X-Forwarded-Host: 127.0.0.1:${port}`,
    `Forwarded: host=127.0.0.1:${port}`,
  ]),
  ...["cross-site", "same-site"].flatMap((site) =>
    ["no-cors", "cors", "websocket"].flatMap((mode) =>
      withAll(`loaded ${site} as ${mode} without an Origin`, {}, () => [`Sec-Fetch-Site: ${site}`, `Sec-Fetch-Mode: ${mode}`]),
    ),
  ),
];
