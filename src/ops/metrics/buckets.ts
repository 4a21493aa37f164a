/** The histograms' buckets: upper bounds, in the unit of the metric. Each is one more line of every scrape, for years. */

/** A flush: 0.2 ms on a good disk, 5 ms on eMMC, and seconds on one that is dying. */
export const FLUSH_SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
/** A decision waits for one flush or two. */
export const DECISION_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
/** An arm: a driver waits, and after ten seconds an order is given up. */
export const OPENING_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** A query takes some 50 µs, a payment a flush. */
export const CALL_SECONDS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];
export const BATCH_COMMANDS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
export const SNAPSHOT_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
export const DELAY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
