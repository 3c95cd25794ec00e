/** Waits until something has come to an end, but not longer than so many ms. What comes of it is for others. */
export async function waitFor(something: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([something, patience]);
  } finally {
    clearTimeout(timer);
  }
}
