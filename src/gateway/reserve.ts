/** What may still be written when the disk is full. */
import type { Command } from '../core/park/commands.ts';
import type { ParkEvent } from '../core/park/events.ts';

/** Readings, payments and calls come from outside and can flood; the gate's own commands are few, and go in. */
export function fromOutside({ type }: Command): boolean {
  return type === 'reading' || type === 'pay' || type === 'letOut';
}

/**
 * Whether the events let a car go: one leaves or is let through, or an arm that failed is ordered up again. A car that
 * cannot leave blocks the lane; one that cannot enter, or a payment, comes again.
 */
export function letsLeave(events: readonly ParkEvent[]): boolean {
  return (
    events.some((event) => (event.type === 'left' && !event.backlog) || event.type === 'letThrough') ||
    events.every((event) => event.type === 'barrierOrdered')
  );
}
