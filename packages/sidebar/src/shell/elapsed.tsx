import { useNow } from "../hooks/use-now.ts";
import { duration, timeOf } from "../lib/format.ts";

/** Counts up while it is shown. */
export function Elapsed({ since }: { readonly since: string | null }) {
  const now = useNow(true);
  const start = timeOf(since);
  return start === null ? null : duration(now - start);
}
