import { useCallback, useState } from "react";
import { useClient, useStore } from "../hooks/context.ts";
import { messageOf } from "../lib/error.ts";
import type { Draft } from "./draft.ts";

/** A message on its way, or one that did not arrive. */
export interface Outgoing {
  readonly id: number;
  readonly draft: Draft;
  readonly error: string | null;
}

interface OutgoingHandle {
  readonly list: readonly Outgoing[];
  readonly send: (draft: Draft) => void;
  readonly drop: (id: number) => void;
}

let lastId = 0;

/** Sends messages and keeps each until the server has it. While the connection is lost they wait in the client's outbox. */
export function useOutgoing(): OutgoingHandle {
  const client = useClient();
  const { sessionId } = useStore();
  const [list, setList] = useState<readonly Outgoing[]>([]);
  const drop = useCallback((id: number) => setList((last) => last.filter((entry) => entry.id !== id)), []);
  const send = useCallback(
    (draft: Draft) => {
      const id = (lastId += 1);
      setList((last) => [...last, { id, draft, error: null }]);
      const attachments = draft.files.map((path) => ({ type: "file" as const, path }));
      const data = { text: draft.text, ...(attachments.length === 0 ? {} : { attachments }) };
      client.command("message-send", data, { sessionId }).then(
        () => drop(id),
        (error: unknown) =>
          setList((last) => last.map((entry) => (entry.id === id ? { ...entry, error: messageOf(error) } : entry))),
      );
    },
    [client, sessionId, drop],
  );
  return { list, send, drop };
}
