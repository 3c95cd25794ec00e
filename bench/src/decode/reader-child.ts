// All readers of one wire, one after the other and round after round, in a process of their own.
import { z } from "zod";
import { settingsOf, tellParent } from "../lib/child.ts";
import { type Arrival, arrivals, characters, promptFor, tokens } from "./answers.ts";
import { type Reader, openReader, readers } from "./readers.ts";

const { url, wire, rounds, streams } = settingsOf(
  z.object({ url: z.string(), wire: z.enum(["chat", "responses", "messages"]), rounds: z.number(), streams: z.number() }),
);
const opened = readers.map((name) => ({ name, reader: openReader(name, wire, url) }));
const samples: object[] = [];
for (let round = -1; round < rounds; round += 1) {
  for (const arrival of arrivals) {
    for (const { name, reader } of opened) {
      const microseconds = await cpuPerToken(reader, arrival);
      if (round >= 0) samples.push({ round, arrival, reader: name, microseconds });
    }
  }
}
tellParent({ samples });
process.disconnect();

/** User and system time of this process, for all streams at once. */
async function cpuPerToken(reader: Reader, arrival: Arrival): Promise<number> {
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  await Promise.all(Array.from({ length: streams }, () => readAll(reader, arrival)));
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / (streams * tokens);
}

async function readAll(reader: Reader, arrival: Arrival): Promise<void> {
  let length = 0;
  await reader(promptFor(arrival), (text) => {
    length += text.length;
  });
  if (length !== characters) throw new Error(`${length} of ${characters} characters arrived.`);
}
