import { holdDatabase } from "../../persistence/postgres/index.ts";

/** A process that makes itself the one node of a database and stays; says so on stdout. `node database-holder.ts URL` */
await holdDatabase({ url: process.argv[2] ?? "", onTaken: () => undefined });
console.log("held");
