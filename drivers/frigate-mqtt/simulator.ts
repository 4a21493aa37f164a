/** Frigate's own side: what it publishes. */
import type { Instant } from '../../src/core/time.ts';

export interface Published {
  readonly topic: string;
  readonly payload: string;
}

/** One reading of a tracked object. `score` is 0 to 1. */
export function reading(options: {
  readonly camera: string;
  readonly id: string;
  readonly plate: string;
  readonly score: number;
  readonly at: Instant;
  readonly topicPrefix?: string;
}): Published {
  const { camera, id, plate, score, at } = options;
  const body = { type: 'lpr', id, name: null, plate, score, camera, timestamp: at / 1_000 };
  return { topic: `${options.topicPrefix ?? 'frigate'}/tracked_object_update`, payload: JSON.stringify(body) };
}

/** Whether Frigate runs; published retained, and `offline` also as its last will. */
export function available(online: boolean, topicPrefix = 'frigate'): Published {
  return { topic: `${topicPrefix}/available`, payload: online ? 'online' : 'offline' };
}
