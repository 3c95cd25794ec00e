// The embedded database's template: made once, so that a first start unpacks it instead of creating a database.
import { buildTemplate } from "../packages/core/dist/persistence/pglite/index.js";

await buildTemplate();
