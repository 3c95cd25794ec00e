/** Batches that were committed again under another name: where the first attempt is still on its way, it must not be written too. */
export const barredBatches: readonly string[] = [
  "create table barred_batches (id uuid primary key, at timestamptz not null default now())",
];
