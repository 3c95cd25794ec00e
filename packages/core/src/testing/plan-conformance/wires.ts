import { cursorWire } from "./cursor-wire.ts";
import { httpWires } from "./http-wires.ts";
import type { PlanWire } from "./wire.ts";

export const planWires: readonly PlanWire[] = [...httpWires, cursorWire];
