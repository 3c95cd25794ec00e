import { useClient } from "../hooks/context.ts";
import { useLater } from "../hooks/use-later.ts";
import { useReadable } from "../hooks/use-readable.ts";
import { Button } from "../shell/button.tsx";
import type { Outgoing, useOutgoing } from "./use-outgoing.ts";

interface OutgoingRowsProps {
  readonly outgoing: ReturnType<typeof useOutgoing>;
  readonly onPutBack: (text: string) => void;
}

/** Messages the server does not have yet. Most are gone before anybody could read this. */
export function OutgoingRows({ outgoing, onPutBack }: OutgoingRowsProps) {
  if (outgoing.list.length === 0) return null;
  return (
    <ul className="oq-queue" aria-label="Not sent yet">
      {outgoing.list.map((entry) => (
        <OutgoingRow key={entry.id} entry={entry} outgoing={outgoing} onPutBack={onPutBack} />
      ))}
    </ul>
  );
}

interface OutgoingRowProps extends OutgoingRowsProps {
  readonly entry: Outgoing;
}

function OutgoingRow({ entry, outgoing, onPutBack }: OutgoingRowProps) {
  const online = useReadable(useClient().connection).status === "online";
  const slow = useLater(entry.error === null, 400);
  if (entry.error === null && !slow) return null;
  const again = (): void => {
    outgoing.drop(entry.id);
    outgoing.send(entry.draft);
  };
  const edit = (): void => {
    outgoing.drop(entry.id);
    onPutBack(entry.draft.text);
  };
  return (
    <li className="oq-queued" data-failed={entry.error !== null}>
      <div className="oq-queued-text">
        <span className="oq-clip">{entry.draft.text}</span>
        <span className={entry.error === null ? "oq-small oq-faint" : "oq-small oq-bad"}>
          {entry.error ?? (online ? "sending…" : "will be sent when the connection is back")}
        </span>
      </div>
      {entry.error !== null && (
        <>
          <Button look="quiet" onClick={edit}>
            Edit
          </Button>
          <Button onClick={again}>Send again</Button>
        </>
      )}
    </li>
  );
}
