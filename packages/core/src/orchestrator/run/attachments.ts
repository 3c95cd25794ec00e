import type { Attachment, Label } from "@orquestra/protocol";
import type { AttachedFile } from "../../context/index.ts";
import { messageOf } from "../../lib/error.ts";
import { readerOf } from "../../permissions/index.ts";
import { ToolError, type WorkspaceFiles, openWorkspaceFiles } from "../../tools/index.ts";
import { imageTypeOf } from "./image-type.ts";
import type { Run } from "./run.ts";

/** The largest attached text that is read into a prompt. Bytes. */
const maxText = 256 * 1024;
/** The largest attached image that is shown to a model. Bytes. */
const maxImage = 5 * 1024 * 1024;
const maxImages = 8;

/**
 * What is attached to the message: text, and images for a model that can see. What cannot be shown is told to the model in its
 * place, and to the person.
 */
export async function readAttachments(run: Run, attachments: readonly Attachment[]): Promise<readonly AttachedFile[]> {
  const reading = readingOf(run);
  const files: AttachedFile[] = [];
  for (const { path } of attachments) {
    const shown = files.filter(({ image }) => image !== undefined).length;
    files.push(await readOne(reading, path, shown));
  }
  return files;
}

/** A file that cannot be shown: its place is kept, with the reason in it. Its name is told, which is text of the folder as well. */
function unreadable({ run, label }: Reading, path: string, why: string): AttachedFile {
  if (run.turns.length === 0) run.post([run.event("notice", { text: `${path} could not be attached: ${why}` })]);
  return { path, text: `(not readable: ${why})`, label };
}

interface Reading {
  readonly run: Run;
  readonly files: WorkspaceFiles | null;
  readonly label: Label;
}

function readingOf(run: Run): Reading {
  const { workspace, user } = run;
  const integrity = workspace?.trusted === true ? ("workspace" as const) : ("outside" as const);
  const label: Label = { integrity, confidentiality: [readerOf(user)] };
  return { run, files: workspace === null ? null : openWorkspaceFiles(workspace.root), label };
}

async function readOne(reading: Reading, path: string, imagesBefore: number): Promise<AttachedFile> {
  const { run, files, label } = reading;
  if (files === null) return unreadable(reading, path, "this session has no folder.");
  try {
    const mediaType = await imageTypeIn(files, path);
    if (mediaType !== null) {
      const refused = whyNotShown(run, imagesBefore);
      if (refused !== null) return unreadable(reading, path, refused);
      const { bytes } = await files.read(path, { maxBytes: maxImage });
      return imageFile({ path, mediaType, base64: bytes.toString("base64") }, label);
    }
    const { bytes } = await files.read(path, { maxBytes: maxText });
    return { path, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), label };
  } catch (error) {
    if (!(error instanceof ToolError) && !(error instanceof TypeError)) throw error;
    return unreadable(reading, path, error instanceof ToolError ? messageOf(error) : "it is binary or not UTF-8.");
  }
}

/** Why the model gets no image; null where it does. */
function whyNotShown({ model }: Run, imagesBefore: number): string | null {
  if (!model.capabilities.images) return `it is an image, and ${model.id} cannot look at images.`;
  return imagesBefore >= maxImages ? `a message can show ${maxImages} images at most.` : null;
}

/** Told by its first bytes, not by its name; null for what is no image. */
async function imageTypeIn(files: WorkspaceFiles, path: string): Promise<string | null> {
  const { handle } = await files.open(path);
  try {
    const head = Buffer.alloc(16);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return imageTypeOf(head.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

interface FoundImage {
  readonly path: string;
  readonly mediaType: string;
  readonly base64: string;
}

function imageFile({ path, mediaType, base64 }: FoundImage, label: Label): AttachedFile {
  return { path, text: "(the image that follows)", label, image: { type: "image", mediaType, base64 } };
}
