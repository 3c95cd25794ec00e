import { describe, expect, it } from "vitest";
import { toolIndex } from "./tool-index.ts";

function shown(names: readonly string[]): string {
  return /call one: (.*)\.$/s.exec(toolIndex(names))?.[1] ?? "";
}

describe("tools by name", () => {
  it("stand together by the beginnings of their names", () => {
    expect(shown(["mail_list", "ping", "mail_get", "wiki_read_page", "sum"])).toBe("mail_{list,get}, ping, sum, wiki_read_page");
  });

  it("become a number where a group is long, and then are only counted", () => {
    const wide = Array.from({ length: 400 }, (_, index) => `store_entry_${index}`);
    expect(shown([...wide, "mail_list", "mail_get"])).toBe("store_… (400), mail_{list,get}");
    const many = Array.from({ length: 3000 }, (_, index) => `service${index}_call`);
    expect(toolIndex(many).length).toBeLessThan(1900);
    expect(shown(many)).toMatch(/^service0_call, service1_call, .* and 2\d\d\d more$/);
  });
});
