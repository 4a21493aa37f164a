/** Whether the public holidays of the coming year are known to the price sheets that ask for them. */
import { REMEDIES } from '../../core/remedies.ts';
import { calendarHorizon } from '../../core/tariff/calendar.ts';
import { type Instant, zoneOf } from '../../core/time.ts';
import { asksForDays } from '../../ops/calendars.ts';
import { type Finding, fine, look, none, wrong } from '../finding.ts';
import { configured } from '../site.ts';

export const checkCalendars = configured(async ({ machine }, { parks, pricing }) => {
  const asking = parks.flatMap(({ id, zone }) => {
    const priced = pricing.get(id);
    return priced && asksForDays(priced.tariff) ? [{ id, zone, calendar: priced.calendar }] : [];
  });
  if (asking.length === 0) return [none({ zh: '价格表不区分节假日', en: 'no price sheet asks for public holidays' })];
  return asking.map(({ id, zone, calendar }): Finding => {
    const { due, missing, daysLeft } = calendarHorizon(calendar, machine.now() as Instant, zoneOf(zone));
    if (!due)
      return fine({
        zh: `${id}：节假日已知到 ${missing - 1} 年`,
        en: `${id}: public holidays are known through ${missing - 1}`,
      });
    if (daysLeft === 0)
      return wrong(
        {
          zh: `${id}：今年（${missing}）的节假日未知`,
          en: `${id}: the public holidays of ${missing}, this year, are not known`,
        },
        REMEDIES.CALENDAR_ENDS,
      );
    return look(
      {
        zh: `${id}：${missing} 年的节假日未知，还有 ${daysLeft} 天`,
        en: `${id}: the public holidays of ${missing} are not known, and it begins in ${daysLeft} days`,
      },
      REMEDIES.CALENDAR_ENDS,
    );
  });
});
