import { type Browser } from "playwright-core";
/** The browser found on this machine, or `null`. */
export declare const chromePath: string | null;
/** True: the suites run. Without a browser they are skipped with a line that says so; in CI that is a failure. */
export declare function browserThere(): boolean;
/** A browser with a profile of its own that asks nobody for anything by itself. */
export declare function launch(): Promise<Browser>;
//# sourceMappingURL=chromium.d.ts.map