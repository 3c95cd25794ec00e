import type { OrquestraEvent } from "./event.ts";
import type { Delta } from "./frame.ts";
import type { SessionState } from "./state.ts";

export declare function emptySession(sessionId: string): SessionState;
export declare function applyEvent(state: SessionState, event: OrquestraEvent): SessionState;
export declare function applyDelta(state: SessionState, delta: Delta): SessionState;
