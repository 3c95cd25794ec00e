#!/usr/bin/env node
import { environmentRedactor } from "./config.ts";
import { crashWithout } from "./crash.ts";
import { main } from "./main.ts";

crashWithout(environmentRedactor());

process.exit(await main(process.argv.slice(2)));
