import { expect, test } from "vitest";
import { DiskGuard } from "./disk-guard.ts";

test.each([
  { before: 10_000, after: 1001, ended: false },
  { before: 10_000, after: 999, ended: true },
  { before: 1500, after: 751, ended: false },
  { before: 1500, after: 749, ended: true },
])("of $before free bytes $after are left: ended is $ended, where 1000 are to stay", async ({ before, after, ended }) => {
  let free = before;
  let looks = 0;
  const guard = await DiskGuard.of("/", 1000, async () => {
    looks += 1;
    return free;
  });
  free = after;
  await expect.poll(() => looks).toBeGreaterThan(2);
  guard.stop();
  expect(guard.signal.aborted).toBe(ended);
});
