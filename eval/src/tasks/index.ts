import type { Task } from "../task.ts";
import { commands } from "./commands.ts";
import { editing } from "./editing.ts";
import { following } from "./following.ts";
import { languages } from "./languages.ts";
import { plain } from "./plain.ts";
import { rawText } from "./raw-text.ts";
import { reading } from "./reading.ts";
import { recovering } from "./recovering.ts";
import { refusing } from "./refusing.ts";
import { web } from "./web.ts";
import { writing } from "./writing.ts";

/** All of them, in the order in which they are told. */
export const tasks: readonly Task[] = [
  ...plain,
  ...reading,
  ...editing,
  ...writing,
  ...rawText,
  ...web,
  ...commands,
  ...recovering,
  ...languages,
  ...following,
  ...refusing,
];
