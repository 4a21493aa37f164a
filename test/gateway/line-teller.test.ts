/** News of the line while the disk has no room: the newest is written in the end, whatever order the refusals come in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reply } from '../../src/core/park/commands.ts';
import { lineTeller } from '../../src/gateway/line.ts';
import { GatewayFull } from '../../src/gateway/ports.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('down and up again while the disk is full: once there is room, it is up that is written, and once', async () => {
  const sent: { readonly up: boolean; readonly end: (full: boolean) => void }[] = [];
  const timers = new Set<() => void>();
  const teller = lineTeller({
    gateway: {
      submit(command) {
        assert.ok(command.type === 'line');
        return new Promise<Reply>((resolve, reject) => {
          const end = (full: boolean): void => (full ? reject(new GatewayFull('full')) : resolve({ type: 'done' }));
          sent.push({ up: command.up, end });
        });
      },
    },
    later(again) {
      timers.add(again);
      return () => void timers.delete(again);
    },
  });
  teller.tell(false);
  teller.tell(true);
  for (const { end } of sent.splice(0).toReversed()) {
    end(true);
    await turn();
  }
  assert.equal(timers.size, 1);
  for (const again of timers) again();
  assert.deepEqual(
    sent.map(({ up }) => up),
    [true],
  );
  // Stopped while it is refused once more: nobody is asked again.
  timers.clear();
  teller.stop();
  sent[0]?.end(true);
  await turn();
  assert.equal(timers.size, 0);
});
