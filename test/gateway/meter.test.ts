/** What the loop tells whoever keeps its figures: only what is on the disk, before anything comes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceId, LaneId, VisitId } from '../../src/core/ids.ts';
import type { Command } from '../../src/core/park/commands.ts';
import { emptyState } from '../../src/core/park/state.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import { GatewayBusy, GatewayFull, type Room } from '../../src/gateway/ports.ts';
import { P001, park, plate, TEN } from '../core/park/scene.ts';

function car(number: number): Command {
  const credential = plate(`粤A${String(number).padStart(5, '0')}`);
  const reading = { device: 'cam' as DeviceId, credential, colour: 'blue', confidence: null, identity: null } as const;
  const freshVisit = `V${number}` as VisitId;
  return { type: 'reading', park: P001, lane: 'in-1' as LaneId, reading, history: null, freshVisit };
}

/** A gateway whose journal tells when it writes; what happens is told in its order. */
function rig(room: () => Room = () => 'free') {
  const told: string[] = [];
  const thePark = park();
  const gateway = startGateway({
    world: () => ({ parks: new Map([[thePark.id, thePark]]) }),
    working: emptyState(),
    committed: emptyState(),
    journal: {
      append: async (records) => {
        await new Promise((resolve) => setImmediate(resolve));
        told.push(`disk ${records.length}`);
      },
      room,
    },
    clock: { now: () => TEN },
    faults: { raise: () => undefined, clear: () => undefined },
    inboxLimit: 3,
    batchLimit: 2,
    onCommit: ({ record }) => void told.push(`commit ${record.seq}`),
    onEffect: ({ id }) => void told.push(`effect ${id}`),
    onFatal: (error) => {
      throw error;
    },
    meter: {
      batch: (commands) => void told.push(`batch ${commands}`),
      answered(command, reply, record, ms) {
        assert.ok(ms >= 0);
        const outcome = reply.type === 'reading' ? reply.outcome : reply.type;
        told.push(`${command.type} ${outcome} ${record?.seq ?? 'nothing written'}`);
      },
      turnedAway: (why) => void told.push(`turned away: ${why}`),
    },
  });
  return { gateway, told };
}

test('a command is told once its record is on the disk, before its arm is ordered; one that wrote nothing too', async () => {
  const { gateway, told } = rig();
  await Promise.all([gateway.submit(car(1)), gateway.submit(car(1))]);
  assert.deepEqual(told, [
    'disk 1',
    'batch 2',
    'reading entered 1',
    'effect 1.1',
    'commit 1',
    'reading duplicate nothing written',
  ]);
});

test('what is turned away is told with why: the inbox, or the disk', async () => {
  let room: Room = 'free';
  const { gateway, told } = rig(() => room);
  const taken = [1, 2, 3].map((number) => gateway.submit(car(number)));
  assert.equal(gateway.waiting(), 3);
  await assert.rejects(gateway.submit(car(4)), GatewayBusy);
  await Promise.all(taken);
  assert.equal(gateway.waiting(), 0);
  room = 'reserve';
  await assert.rejects(gateway.submit(car(5)), GatewayFull);
  assert.deepEqual(
    told.filter((line) => line.startsWith('turned')),
    ['turned away: busy', 'turned away: full'],
  );
});
