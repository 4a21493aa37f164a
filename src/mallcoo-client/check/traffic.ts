/** GetTraffic (1.3). */
import type { Sentence } from '../../core/errors.ts';
import { DAY, HOUR } from '../../core/time.ts';
import { refusalProblems, successProblems } from '../answers.ts';
import type { Fields } from '../request.ts';
import type { WireAnswer } from '../wire.ts';
import { type Clause, differs, judge, moment, type Talk, type Verdict } from './clause.ts';

const span = ({ target }: Talk, from: number, to: number): Fields => ({
  startTime: moment(target, from),
  endTime: moment(target, to),
});

const refused = (title: Sentence, fields: (talk: Talk) => Fields, statuses?: readonly number[]): Clause => ({
  part: '1.3',
  title,
  needs: 'nothing',
  run: async (talk) => judge(refusalProblems(await talk.call('GetTraffic', fields(talk)), statuses)),
});

/** Whether the parts of a span add up to it, and nothing lies between a moment and itself. */
async function halfOpen(talk: Talk): Promise<Verdict> {
  const start = moment(talk.target, 2 * DAY);
  const middle = moment(talk.target, DAY);
  const end = moment(talk.target, HOUR);
  const ask = (startTime: string, endTime: string): Promise<WireAnswer> =>
    talk.call('GetTraffic', { startTime, endTime });
  const whole = await ask(start, end);
  const first = await ask(start, middle);
  const last = await ask(middle, end);
  const none = await ask(middle, middle);
  const problems = [whole, first, last, none].flatMap((answer) => successProblems('GetTraffic', answer));
  if (problems.length > 0) return judge(problems);
  const count = (answer: WireAnswer, name: string): number => Number(answer.json?.[name]);
  return judge(
    ...['inNum', 'outNum'].flatMap((name) => [
      differs(
        { zh: `两段合计的 ${name}`, en: `${name} of both parts together` },
        count(first, name) + count(last, name),
        count(whole, name),
      ),
      differs({ zh: `起止为同一时刻的 ${name}`, en: `${name} from a moment to itself` }, count(none, name), 0),
    ]),
  );
}

export const TRAFFIC: readonly Clause[] = [
  {
    part: '1.3',
    title: {
      zh: '车流量以整数回答，字段名与表一致',
      en: 'passages are answered as whole numbers, under the names of the table',
    },
    needs: 'nothing',
    run: async (talk) => judge(successProblems('GetTraffic', await talk.call('GetTraffic', span(talk, DAY, 0)))),
  },
  {
    part: '1.3',
    title: {
      zh: '时间段含起不含止：各段之和等于全段，起止为同一时刻时为 0',
      en: 'a span is half-open: its parts add up to it, and from a moment to itself there is nothing',
    },
    needs: 'nothing',
    run: halfOpen,
  },
  refused({ zh: '止早于起时被拒绝', en: 'an end before the start is refused' }, (talk) => span(talk, HOUR, DAY)),
  refused({ zh: '缺少 endTime 时被拒绝', en: 'a missing endTime is refused' }, (talk) => ({
    ...span(talk, DAY, 0),
    endTime: '',
  })),
  refused({ zh: '日历上没有的时间被拒绝', en: 'a time that no calendar has is refused' }, (talk) => ({
    ...span(talk, DAY, 0),
    startTime: '2026-02-30 25:00',
  })),
  // Whoever may not see every park is not told which ones there are.
  refused(
    { zh: '未知的停车场被拒绝', en: 'an unknown park is refused' },
    (talk) => ({ ...span(talk, DAY, 0), parkId: 'NO-SUCH-PARK' }),
    [200, 401, 403],
  ),
];
