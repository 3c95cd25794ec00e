import type { CommandData, CommandType, ReplyData } from "@orquestra/protocol";
import { use, useCallback, useEffect, useRef, useState } from "react";
import { messageOf } from "../lib/error.ts";
import { SessionContext, useClient } from "./context.ts";

export type CommandState =
  | { readonly status: "idle" }
  | { readonly status: "pending" }
  | { readonly status: "failed"; readonly message: string };

export interface CommandHandle<T extends CommandType> {
  readonly state: CommandState;
  /** Sends it; `done` gets the reply. A failure ends in `state`, never in a rejection. */
  readonly send: (data: CommandData<T>, done?: (reply: ReplyData<T>) => void) => void;
}

/** A command of the session around (or of `sessionId`) with what became of its last sending. */
export function useCommand<T extends CommandType>(type: T, sessionId?: string): CommandHandle<T> {
  const client = useClient();
  const around = use(SessionContext)?.sessionId;
  const target = sessionId ?? around;
  const [state, setState] = useState<CommandState>({ status: "idle" });
  const mounted = useMounted();
  const send = useCallback(
    (data: CommandData<T>, done?: (reply: ReplyData<T>) => void) => {
      setState({ status: "pending" });
      client.command(type, data, target === undefined ? {} : { sessionId: target }).then(
        (reply) => {
          if (mounted.current) setState({ status: "idle" });
          done?.(reply);
        },
        (error: unknown) => {
          if (mounted.current) setState({ status: "failed", message: messageOf(error) });
        },
      );
    },
    [client, type, target, mounted],
  );
  return { state, send };
}

function useMounted(): { readonly current: boolean } {
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  return mounted;
}
