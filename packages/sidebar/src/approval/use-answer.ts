import { useEffect, useState } from "react";
import { type CommandHandle, useCommand } from "../hooks/use-command.ts";

/** A card cannot be answered in the moment it appears: a key or click on its way was meant for something else. */
const armAfterMs = 300;

export interface Answer {
  /** False: buttons are disabled. */
  readonly armed: boolean;
  /** An answer was given and has not arrived. */
  readonly sending: boolean;
  readonly error: string | null;
  readonly respond: CommandHandle<"approval-respond">["send"];
}

export function useAnswer(approvalId: string): Answer {
  const [armed, setArmed] = useState(false);
  const { state, send } = useCommand("approval-respond");
  useEffect(() => {
    setArmed(false);
    const timer = setTimeout(() => setArmed(true), armAfterMs);
    return () => clearTimeout(timer);
  }, [approvalId]);
  return {
    armed: armed && state.status !== "pending",
    sending: state.status === "pending",
    error: state.status === "failed" ? state.message : null,
    respond: send,
  };
}
