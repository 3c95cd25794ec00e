/** A process of its own that writes to the store of a data folder until it is killed. Prints "open", then the seq of each commit that was acknowledged. */
import { newId } from "../../lib/ids.ts";
import { message } from "../store-conformance/records.ts";
import { at, notice, session } from "../store-conformance/scene.ts";
import { openPGliteStore } from "../../persistence/pglite/index.ts";

const [dataFolder = "", sessionId = ""] = process.argv.slice(2);
const home = { userId: "ada", sessionId };
const store = await openPGliteStore({ dataFolder });
process.stdout.write("open\n");
if ((await store.sessions.get(sessionId)) === null) {
  const record = session({ id: sessionId, userId: home.userId });
  await store.commit({ sessionId: null, events: [], changes: [{ put: "sessions", record }], at });
}
for (;;) {
  const events = [notice("one"), notice("two")];
  const written = await store.commit({
    sessionId,
    events,
    changes: [{ put: "messages", record: message(home, { id: newId() }) }],
    at,
  });
  process.stdout.write(`${written.at(-1)?.seq}\n`);
}
