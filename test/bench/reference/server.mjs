/**
 * `GetParkingPaymentInfo` as an integrator would write it: Express reads the body, SQLite finds the visit, a few lines
 * price it. `node server.mjs PORT FILE TOKEN` reads the visits from FILE, a JSON list of [feeId, plate, entry in ms].
 */
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import express from 'express';

const [port, file, token] = process.argv.slice(2);
const db = new Database(`${file}.db`);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`CREATE TABLE visits (
  fee_id TEXT PRIMARY KEY, park_id TEXT NOT NULL, plate TEXT NOT NULL, entry_at INTEGER NOT NULL,
  paid INTEGER NOT NULL DEFAULT 0, deducted INTEGER NOT NULL DEFAULT 0, left_at INTEGER
)`);
db.exec('CREATE INDEX visits_by_plate ON visits (park_id, plate, left_at)');
const insert = db.prepare('INSERT INTO visits (fee_id, park_id, plate, entry_at) VALUES (?, ?, ?, ?)');
db.transaction(() => {
  for (const [feeId, plate, at] of JSON.parse(readFileSync(file, 'utf8'))) insert.run(feeId, 'P001', plate, at);
})();
const byPlate = db.prepare('SELECT * FROM visits WHERE park_id = ? AND plate = ? AND left_at IS NULL');

/** ¥5 per started hour after 15 free minutes, at most ¥50 in 24 hours; in 分. */
function fee(minutes) {
  if (minutes <= 15) return 0;
  const days = Math.floor(minutes / 1440);
  return days * 5000 + Math.min(5000, Math.ceil((minutes - days * 1440) / 60) * 500);
}

const local = (ms) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

const app = express();
app.use(express.json());
app.use((req, res, next) => {
  if (req.get('x-token') === token) return next();
  return res.status(401).json({ resCode: 1, resMsg: 'not authorised' });
});
app.post('/GetParkingPaymentInfo', (req, res) => {
  const { parkId = 'P001', plateNo, freeMinutes = 0, freeAmount = 0 } = req.body;
  const visit = byPlate.get(parkId, plateNo);
  if (!visit) return res.json({ resCode: 1, resMsg: 'no such vehicle' });
  const minutes = Math.floor((Date.now() - visit.entry_at) / 60_000);
  const totalAmount = fee(minutes);
  const paidAmount = visit.paid + visit.deducted;
  return res.json({
    resCode: 0,
    resMsg: '',
    feeId: visit.fee_id,
    entryTime: local(visit.entry_at),
    parkingMinutes: minutes,
    totalAmount,
    unPayAmount: Math.max(0, totalAmount - paidAmount),
    deductionAmount: Number(freeAmount) + totalAmount - fee(Math.max(0, minutes - Number(freeMinutes))),
    paidAmount,
    offlineDeduction: '',
  });
});
app.listen(Number(port), '127.0.0.1', () => console.log('ready'));
process.on('SIGTERM', () => process.exit(0));
