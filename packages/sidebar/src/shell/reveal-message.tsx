import { useEffect, useState } from "react";
import { useStore } from "../hooks/context.ts";
import { useReveal } from "../hooks/reveal.ts";
import { useReadable } from "../hooks/use-readable.ts";

/** So many pages are looked through for a message that was found by search. */
const maxPages = 40;

/** Goes to a message, loading older ones until it is there. Renders nothing. */
export function RevealMessage({ messageId }: { readonly messageId: string }) {
  const store = useStore();
  const reveal = useReveal();
  const ids = useReadable(store.messageIds);
  const [done, setDone] = useState<string | null>(null);
  const [pages, setPages] = useState(0);
  const loaded = ids.includes(messageId);
  const live = useReadable(store.status).status === "live";
  useEffect(() => {
    if (done === messageId || !live) return;
    if (loaded) {
      setDone(messageId);
      const runId = store.message(messageId).get()?.runId;
      reveal({ messageId, ...(runId == null ? {} : { runId }) });
      return;
    }
    if (pages >= maxPages) return;
    store.loadOlder().then(
      (more) => setPages((last) => (more ? last + 1 : maxPages)),
      () => setPages(maxPages),
    );
  }, [messageId, done, live, loaded, pages, reveal, store]);
  return null;
}
