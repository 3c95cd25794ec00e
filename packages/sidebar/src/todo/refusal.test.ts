import { describe, expect, it } from "vitest";
import { refusalOf } from "./refusal.ts";

describe("a refusal of arguments", () => {
  it("belongs to the argument it names, and says the rest of it", () => {
    const names = ["path", "headers"];
    expect(refusalOf("file_write(path, text): path: it must not be empty.", names)).toEqual({
      name: "path",
      message: "It must not be empty.",
    });
    expect(refusalOf("http_request(url): headers.accept: expected string.", names)).toEqual({
      name: "headers",
      message: "headers.accept: expected string.",
    });
  });

  it("belongs to none where it names none", () => {
    const error = "It has started already, so its arguments stay as they are.";
    expect(refusalOf(error, ["path", "It"])).toEqual({ name: null, message: error });
  });
});
