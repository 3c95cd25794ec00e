/** What the thread that reads pages is given. */
export interface PageTask {
  readonly html: string;
  /** Where it came from: links are relative to it. */
  readonly url: string;
}

/** What it gives back. `text` is Markdown. */
export interface ReadPage {
  readonly title: string;
  readonly text: string;
}
