// All readers of one wire, one after the other and round after round, in a process of their own.
import { z } from "zod";
import { settingsOf, tellParent } from "../lib/child.ts";
import { type Arrival, arrivals, charactersOf, promptFor } from "./answers.ts";
import { type Reader, openReader, readers } from "./readers.ts";

const { url, wire, rounds, streams } = settingsOf(
  z.object({ url: z.string(), wire: z.enum(["chat", "responses", "messages"]), rounds: z.number(), streams: z.number() }),
);
const opened = readers.map((name) => ({ name, reader: openReader(name, wire, url) }));
const samples: object[] = [];
for (let round = -1; round < rounds; round += 1) {
  for (const arrival of arrivals) {
    for (const { name, reader } of opened) {
      const microseconds = await cpuPerRequest(reader, arrival);
      if (round >= 0) samples.push({ round, arrival, reader: name, microseconds });
    }
  }
}
tellParent({ samples });
process.disconnect();

/** User and system time of this process for an answer, with all streams at once; the short ones more often. */
async function cpuPerRequest(reader: Reader, arrival: Arrival): Promise<number> {
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const repeats = arrival === "single" ? 1 : 5;
  for (let repeat = 0; repeat < repeats; repeat += 1)
    await Promise.all(Array.from({ length: streams }, () => readAll(reader, arrival)));
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / (repeats * streams);
}

async function readAll(reader: Reader, arrival: Arrival): Promise<void> {
  let length = 0;
  await reader(promptFor(arrival), (text) => {
    length += text.length;
  });
  const expected = charactersOf(arrival);
  if (length !== expected) throw new Error(`${length} of ${expected} characters arrived.`);
}
