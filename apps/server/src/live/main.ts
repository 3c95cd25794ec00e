import { testLive } from "./test-live.ts";

// One argument: another file to note the result in.
process.exit(await testLive(process.argv[2]));
