/** One line of a recorded conversation: `a2c` is what the agent sent, `c2a` what it was sent, `ms` when. */
export interface StandInRow {
  readonly dir: "a2c" | "c2a";
  readonly ms: number;
  readonly msg: { readonly [key: string]: unknown };
}

/** How a turn goes. Rows are played in order; what is a request waits for its answer. */
export interface StandInReply {
  readonly rows: readonly StandInRow[];
  /** Default: it stops because it is done. */
  readonly ending?: StandInEnding;
  /** Only printed: the protocol has no place for it. */
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number; readonly cacheReadTokens: number };
  /** The name of a gate that must be open before the turn ends. */
  readonly gate?: string;
}

export type StandInEnding =
  | { readonly type: "stop"; readonly reason: string }
  | { readonly type: "error"; readonly code: number; readonly message: string }
  | { readonly type: "exit"; readonly code: number; readonly stderr?: string }
  /** Nothing more comes. */
  | { readonly type: "stall" }
  /** What comes is no protocol. */
  | { readonly type: "garbage" }
  /** It is over without a last line; only in print. */
  | { readonly type: "silence" };

/** What is wrong with the program, whatever it is asked. */
export interface StandInFaults {
  /** `acp` is no command of it. */
  readonly noAcp?: boolean;
  /** Of the protocol; default 1. */
  readonly version?: number;
  /** Ends at once. */
  readonly exitAtStart?: { readonly code: number; readonly stderr: string };
  readonly notSignedIn?: boolean;
  /** Writes something else than the protocol from the start. */
  readonly garbageAtStart?: boolean;
  /** So many lines that are no protocol, before it speaks it. */
  readonly greetings?: number;
  /** Never answers this. */
  readonly deafTo?: "initialize" | "session/new" | "session/set_mode" | "session/cancel";
  /** Answers this with an error. */
  readonly refuses?: "initialize" | "session/set_mode";
  /** The name of a gate that must be open before it answers the first request. */
  readonly startGate?: string;
  /** Lines on its stderr. */
  readonly stderrLines?: number;
  readonly ignoresTerm?: boolean;
  /** Starts a process of its own that does nothing. */
  readonly grandchild?: boolean;
  /** Speaks of no modes. */
  readonly noModes?: boolean;
  /** Of the recorded pauses between rows; default 0: none. */
  readonly pace?: number;
}

/** What a process of the stand-in noted down. */
export type StandInSighting =
  | {
      readonly saw: "start";
      readonly at: number;
      readonly pid: number;
      /** Processes of the stand-in that were there, itself included. */
      readonly crowd: number;
      readonly grandchild: number | null;
      readonly args: readonly string[];
      readonly folder: string;
      readonly folderEntries: readonly string[];
      readonly folderMode: number;
      readonly environment: { readonly [name: string]: string | undefined };
      /** Its settings file, parsed. */
      readonly settings: unknown;
      readonly settingsMode: number | null;
    }
  | { readonly saw: "message"; readonly message: { readonly [key: string]: unknown } }
  | { readonly saw: "prompt"; readonly text: string };
