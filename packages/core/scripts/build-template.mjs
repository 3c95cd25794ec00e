// Makes the empty database that a first start unpacks instead of creating one, which takes seconds. Needs the compiled package.
import { buildTemplate } from "../dist/persistence/pglite/index.js";

await buildTemplate();
