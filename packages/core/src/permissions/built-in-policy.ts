import type { Effect, Mode } from "@orquestra/protocol";
import { hashJson } from "./canonical-json.ts";

/** How far a mode reaches by itself; `headless` is no reach but the absence of anybody to answer. */
export type Reach = Exclude<Mode, "headless">;

/** What a session may do by itself, and whether anybody is there to be asked; where nobody is, ask means deny. */
export interface EffectiveMode {
  readonly reach: Reach;
  readonly attended: boolean;
}

/** `if_undoable`: by itself inside the workspace and under trusted control, else it asks. */
export type ModeAnswer = "allow" | "if_undoable" | "ask" | "deny";

/** To be raised with every change of what the fixed rules decide: answers given under other rules then lapse. */
const rulesVersion = 4;

/** The same call (tool and arguments) may be carried out this often in a run before the run pauses and asks. */
export const repeatsBeforePause = 2;

/** A grant that was not used for this long lapses. Milliseconds. */
export const grantLifetime = 10 * 60_000;

/** The built-in policy: what each effect may do by itself. The fixed rules come on top and are never loosened by it. */
export const defaultPolicy: { readonly [R in Reach]: { readonly [E in Effect]: ModeAnswer } } = {
  plan: { read: "allow", write: "deny", destructive: "deny", exec: "deny", egress: "deny", spend: "deny" },
  ask: { read: "allow", write: "ask", destructive: "ask", exec: "ask", egress: "ask", spend: "ask" },
  workspace: { read: "allow", write: "if_undoable", destructive: "ask", exec: "if_undoable", egress: "ask", spend: "ask" },
};

/**
 * Names the policy an approval was given under: the mode, and the rules in files. Standing rules are left out on purpose: they are looked up anew at every call,
 * a deny among them beats every grant, and an answer that writes one must not void the other answers on the same card.
 */
export function policyHash({ reach, attended }: EffectiveMode, policy: { readonly hash: string }): string {
  const builtIn = hashes[attended ? "attended" : "alone"][reach];
  return policy.hash === "" ? builtIn : `${builtIn} ${policy.hash}`;
}

const hashes = { attended: hashesOf(true), alone: hashesOf(false) };

function hashesOf(attended: boolean): { readonly [R in Reach]: string } {
  const of = (reach: Reach): string => {
    return hashJson({ rulesVersion, repeatsBeforePause, grantLifetime, policy: defaultPolicy, mode: { reach, attended } });
  };
  return { plan: of("plan"), ask: of("ask"), workspace: of("workspace") };
}
