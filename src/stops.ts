/** What has been started, to be stopped in reverse. */
export type Stops = (() => Promise<void>)[];

/** Stops everything, even if a part fails at it. @throws the first failure, once all have had their turn. */
export async function stopAll(stops: Stops): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops.splice(0).reverse()) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
