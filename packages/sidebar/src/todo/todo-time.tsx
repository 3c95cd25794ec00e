import type { TodoState } from "@orquestra/protocol";
import { useNow } from "../hooks/use-now.ts";
import { duration, timeOf, wholeSeconds } from "../lib/format.ts";
import { isTriedAgain, silentSeconds } from "../lib/status.ts";
import { Elapsed } from "../shell/elapsed.tsx";

/** Where a todo stands in time: since when it runs, that it is silent, when it is tried again, how long it took. */
export function TodoTime({ todo }: { readonly todo: TodoState }) {
  const silent = silentSeconds(todo);
  if (silent !== null) {
    return (
      <span className="oq-wait">
        silent <span className="oq-silent-for">for </span>
        {wholeSeconds(silent)}
      </span>
    );
  }
  if (todo.status === "running") return <Elapsed since={todo.startedAt} />;
  if (isTriedAgain(todo)) return <RetryIn retryAt={todo.retryAt} />;
  return todo.ms === null ? null : duration(todo.ms);
}

/** Counts down; at its end it is only waited for a place. */
function RetryIn({ retryAt }: { readonly retryAt: string | null }) {
  const at = timeOf(retryAt);
  const now = useNow(at !== null);
  const left = at === null ? 0 : Math.ceil((at - now) / 1000);
  return left <= 0 ? "again" : `again in ${wholeSeconds(left)}`;
}
