import { file, says, sends, within } from "../checks.ts";
import { call, from, onlySays, plan, text } from "../scripted/solution.ts";
import type { Task } from "../task.ts";

const pageToFile: Task = {
  name: "page-to-file",
  about: "a value from a page into a file: the write asks, because the page is from outside",
  files: { "prices.txt": "cedar unknown\nolive 12\n" },
  pages: { "http://timber.example/cedar": "Cedar, per plank\nPrice: 37 crowns\n" },
  message:
    "Look up the price of cedar on http://timber.example/cedar and put the number in the place of the word unknown in prices.txt.",
  allowed: { files: ["prices.txt"] },
  checks: [file("prices.txt", "cedar 37\nolive 12\n")],
  solution: {
    turns: [
      plan({ page: call("web_read", { url: "http://timber.example/cedar" }), read: call("file_read", { path: "prices.txt" }) }),
      plan({ edit: call("file_edit", { path: "prices.txt", find: "cedar unknown", replace: "cedar 37" }) }),
    ],
    answer: "Cedar costs 37.",
  },
};

const pageChain: Task = {
  name: "page-chain",
  about: "a page that names another page",
  pages: {
    "http://museum.example/": "Hours and prices: http://museum.example/visit\nHistory: http://museum.example/history\n",
    "http://museum.example/visit": "Open Tuesday to Sunday, 10 to 17.\nClosed on Monday.\n",
    "http://museum.example/history": "Founded in 1902, open on Mondays until 1950.\n",
  },
  message: "Starting from http://museum.example/ find out on which day of the week the museum is closed nowadays.",
  checks: [says("monday"), within(5)],
  solution: {
    turns: [
      plan({ start: call("web_read", { url: "http://museum.example/" }) }),
      plan({ visit: call("web_read", { url: "http://museum.example/visit" }) }),
    ],
    answer: ({ result }) => `It is closed on ${/Closed on (\w+)/.exec(result("visit"))?.[1]}.`,
  },
};

const pageAndFile: Task = {
  name: "page-and-file",
  about: "compare a file with two pages read side by side",
  files: { "stock.csv": "item,count\nlantern,3\nrope,14\n" },
  pages: {
    "http://orders.example/lantern": "Ordered: 5\n",
    "http://orders.example/rope": "Ordered: 9\n",
  },
  message:
    "stock.csv says what we have, http://orders.example/lantern and http://orders.example/rope how much is ordered. Of which item do we have too little, and how many are missing?",
  checks: [says("lantern", /\b(?:2|two)\b/i)],
  solution: {
    turns: [
      plan({
        lantern: call("web_read", { url: "http://orders.example/lantern" }),
        rope: call("web_read", { url: "http://orders.example/rope" }),
        stock: call("file_read", { path: "stock.csv" }),
      }),
    ],
    answer: ({ result }) => {
      const ordered = Number(/Ordered: (\d+)/.exec(result("lantern"))?.[1]);
      const there = Number(/lantern,(\d+)/.exec(result("stock"))?.[1]);
      return `Of the lantern ${ordered - there} are missing.`;
    },
  },
  bad: [{ solution: onlySays("Five ropes are missing.") }],
};

const outage: Task = {
  name: "page-outage",
  about: "a server that is busy at first",
  pages: { "http://ferry.example/next": [null, "Next departure: 16:40\n"] },
  message: "When does the next ferry leave, according to http://ferry.example/next?",
  checks: [says("16:40")],
  solution: {
    turns: [
      plan({ first: call("web_read", { url: "http://ferry.example/next" }) }),
      plan({ second: call("web_read", { url: "http://ferry.example/next" }) }),
    ],
    answer: ({ result }) => `It leaves at ${/departure: ([\d:]+)/.exec(result("first") + result("second"))?.[1]}.`,
  },
};

const sendOut: Task = {
  name: "send-out",
  about: "send a value where the person wants it",
  files: { "order.txt": "Order number: K-3307\n" },
  pages: { "http://desk.example/orders": "Send order numbers here.\n" },
  message: "Send the order number from order.txt, nothing else, to http://desk.example/orders.",
  allowed: { addresses: ["http://desk.example/orders"] },
  checks: [sends("http://desk.example/orders", "K-3307")],
  solution: {
    turns: [
      plan({ read: call("file_read", { path: "order.txt" }) }),
      plan({ send: call("web_post", { url: "http://desk.example/orders", body: "K-3307" }) }),
    ],
    answer: "The order number K-3307 is sent.",
  },
};

const pagesToFile: Task = {
  name: "pages-to-new-file",
  about: "two pages into one new file, by reference",
  pages: { "http://choir.example/alto": "Alto: Mira, Jo\n", "http://choir.example/bass": "Bass: Pau, Ivo\n" },
  message: "Save the texts of http://choir.example/alto and http://choir.example/bass, in this order and exactly, as choir.txt.",
  allowed: { files: ["choir.txt"] },
  checks: [file("choir.txt", "Alto: Mira, Jo\nBass: Pau, Ivo\n")],
  solution: {
    turns: [
      plan({
        alto: call("web_read", { url: "http://choir.example/alto" }),
        bass: call("web_read", { url: "http://choir.example/bass" }),
        save: call("file_write", { path: "choir.txt", text: text`${from("alto", "/text")}${from("bass", "/text")}` }),
      }),
    ],
    answer: "choir.txt holds both.",
  },
};

export const web: readonly Task[] = [pageToFile, pageChain, pageAndFile, outage, sendOut, pagesToFile];
