/**
 * The days off and the swapped workdays that the General Office of the State Council announced for the whole country
 * (国务院办公厅关于…年部分节假日安排的通知), as `month-day` of the year. Ranges include both ends.
 */
export interface AnnouncedYear {
  readonly source: string;
  readonly holidays: readonly string[];
  readonly workdays: readonly string[];
}

export const CHINA_YEARS: Readonly<Record<string, AnnouncedYear>> = {
  2024: {
    source: '国办发明电〔2023〕7号, 2023-10-25',
    holidays: [
      '2024-01-01',
      '2024-02-10 to 2024-02-17',
      '2024-04-04 to 2024-04-06',
      '2024-05-01 to 2024-05-05',
      '2024-06-10',
      '2024-09-15 to 2024-09-17',
      '2024-10-01 to 2024-10-07',
    ],
    workdays: [
      '2024-02-04',
      '2024-02-18',
      '2024-04-07',
      '2024-04-28',
      '2024-05-11',
      '2024-09-14',
      '2024-09-29',
      '2024-10-12',
    ],
  },
  2025: {
    source: '国办发明电〔2024〕12号, 2024-11-12',
    holidays: [
      '2025-01-01',
      '2025-01-28 to 2025-02-04',
      '2025-04-04 to 2025-04-06',
      '2025-05-01 to 2025-05-05',
      '2025-05-31 to 2025-06-02',
      '2025-10-01 to 2025-10-08',
    ],
    workdays: ['2025-01-26', '2025-02-08', '2025-04-27', '2025-09-28', '2025-10-11'],
  },
  2026: {
    source: '国务院办公厅关于2026年部分节假日安排的通知, 2025-11-04',
    holidays: [
      '2026-01-01 to 2026-01-03',
      '2026-02-15 to 2026-02-23',
      '2026-04-04 to 2026-04-06',
      '2026-05-01 to 2026-05-05',
      '2026-06-19 to 2026-06-21',
      '2026-09-25 to 2026-09-27',
      '2026-10-01 to 2026-10-07',
    ],
    workdays: ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
  },
};

/**
 * The holidays that 全国年节及纪念日放假办法 (2024) fixes to a date of our calendar; for a year that is not announced yet.
 */
export const CHINA_FIXED: readonly string[] = ['01-01', '05-01', '05-02', '10-01', '10-02', '10-03'];
