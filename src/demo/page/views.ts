/** The driver's page as HTML. Whatever goes into a template is escaped by it; there is no script, and nothing from elsewhere. */
import { html } from 'hono/html';
import { type Fen, fen, yuan } from '../../core/money.ts';
import type { Plate } from '../../core/plate.ts';
import { inWords } from '../../core/sentence.ts';
import { type Asked, outcomeSaid, type Quote, sharesOf } from '../../mallcoo-client/mallcoo.ts';
import type { ToldEntry } from '../../mallcoo-client/receiver.ts';
import type { CarInside, FeeLine } from '../cars.ts';
import { COUPONS, type CouponOffer, NO_OFFER, PAY_TYPES, type Receipt, type Shown } from './desk.ts';

/** What the template makes: text that is escaped already. */
export type Html = ReturnType<typeof html>;

/** In the order of a driver's keyboard: the demo's own province first. */
const PROVINCES = [...'粤京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵青藏川宁琼'];

function layout(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · 停车缴费</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><a href="/">停车缴费</a> <small>猫酷演示 · 全部为模拟</small></header>
<main>${body}</main>
</body>
</html>`;
}

const plateChip = (plate: string): Html => html`<span class="plate">${plate.slice(0, 2)}·${plate.slice(2)}</span>`;

/** `2 小时 20 分钟`. */
export function stayText(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const parts = [hours > 0 ? `${hours} 小时` : '', rest > 0 || hours === 0 ? `${rest} 分钟` : ''];
  return parts.filter((part) => part !== '').join(' ');
}

export interface Home {
  readonly cars: readonly CarInside[];
  readonly told: readonly ToldEntry[];
  readonly typed: string;
  /** What could not be done, for the driver; null for nothing. */
  readonly problem: string | null;
}

export function homeView({ cars, told, typed, problem }: Home): Html {
  return layout(
    '输入车牌',
    html`<h1>输入车牌，查询停车费</h1>
${problem === null ? '' : html`<p class="problem" role="alert">${problem}</p>`}
<form action="/fee" method="get" class="card">
<div class="plate-entry">
<label>省份<select name="province">${PROVINCES.map((name) => html`<option>${name}</option>`)}</select></label>
<label class="wide">车牌号<input name="plateNo" value="${typed}" required maxlength="64" autocomplete="off"
 autocapitalize="characters" spellcheck="false" placeholder="A12345"></label>
</div>
<button>查询停车费</button>
</form>
<section class="card" aria-labelledby="inside"><h2 id="inside">场内车辆</h2>
${
  cars.length === 0
    ? html`<p>场内没有车。让一辆车进场吧。</p>`
    : html`<ul class="chips">${cars.map(
        ({ plate, minutes }) =>
          html`<li><a href="/fee?plateNo=${encodeURIComponent(plate)}">${plateChip(plate)} <small>${stayText(minutes)}</small></a></li>`,
      )}</ul>`
}</section>
<form action="/arrive" method="post" class="card"><h2>让一辆车进场</h2>
<label>车牌号<input name="plateNo" maxlength="64" autocomplete="off" spellcheck="false" placeholder="留空则随机"></label>
<label>多久以前<select name="minutes">
<option value="140">2 小时 20 分钟</option><option value="50">50 分钟</option><option value="1560">26 小时</option><option value="0">现在</option>
</select></label>
<button class="quiet">进场</button>
</form>
${told.length === 0 ? '' : toldList(told)}`,
  );
}

function toldList(told: readonly ToldEntry[]): Html {
  return html`<section class="card" aria-labelledby="told"><h2 id="told">猫酷收到的进场通知</h2><ul class="lines">${told.map(
    ({ plate, inTime, times }) =>
      html`<li><span>${plateChip(plate)}</span><span>${inTime}${times > 1 ? html` <small>${times} 次</small>` : ''}</span></li>`,
  )}</ul></section>`;
}

const row = (name: string, value: Html | string, kind = ''): Html =>
  html`<div class="${kind}"><dt>${name}</dt><dd>${value}</dd></div>`;

/** What a quote comes to, coupon included. */
function figures(quote: Quote): Html {
  const { total, paid, deduction } = quote;
  return html`<dl>
${row('入场时间', quote.entryTime)}
${row('已停', stayText(quote.parkingMinutes))}
${row('停车费', yuan(total))}
${paid > 0 ? row('已支付', `−${yuan(paid)}`) : ''}
${deduction > 0 ? row('优惠可抵', `−${yuan(deduction)}`) : ''}
${row('应付', html`<strong id="due">${yuan(sharesOf(quote).amount)}</strong>`, 'due')}
</dl>`;
}

function explanation(lines: readonly FeeLine[]): Html | string {
  if (lines.length === 0) return '';
  return html`<details open><summary>这笔费用怎么来的</summary><ul class="lines" id="explanation">${lines.map(
    ({ label, reckoning, amount }) =>
      html`<li><span>${label} <small>${reckoning}</small></span><span>${amount}</span></li>`,
  )}</ul></details>`;
}

function coupons(plate: Plate, chosen: CouponOffer): Html {
  return html`<nav class="card" aria-labelledby="coupons"><h2 id="coupons">选择优惠</h2><ul class="chips">${COUPONS.map(
    ({ id, title }) =>
      html`<li><a href="/fee?plateNo=${encodeURIComponent(plate)}&amp;coupon=${id}"${
        id === chosen.id ? html` aria-current="true"` : ''
      }>${title}</a></li>`,
  )}</ul></nav>`;
}

function answerDetails(asked: Asked): Html {
  const { outcome } = asked;
  const text = outcome.type === 'lost' ? inWords(outcome.reason, 'zh') : outcome.text;
  return html`<details><summary>车场的原始回答（${outcome.ms.toFixed(1)} 毫秒）</summary><pre>${text}</pre></details>`;
}

/** @param quote that of `shown`. */
export function feeView({ id, plate, offer, asked }: Shown, quote: Quote, lines: readonly FeeLine[]): Html {
  const { amount } = sharesOf(quote);
  return layout(
    plate,
    html`<h1>${plateChip(plate)}</h1>
<section class="card" aria-label="费用">${figures(quote)}${explanation(lines)}${answerDetails(asked)}</section>
${quote.due > 0 ? coupons(plate, offer) : ''}
${quote.due > 0 ? payForm(id, amount) : html`<p class="done" role="status">无需支付，可以离场。</p>`}
${leaveForm(plate)}`,
  );
}

function payForm(id: string, amount: Fen): Html {
  const free = amount === 0;
  return html`<form action="/pay" method="post" class="card">
<input type="hidden" name="shown" value="${id}">
${
  free
    ? html`<p>优惠已全额抵扣，无需付款。</p>`
    : html`<fieldset><legend>支付方式</legend>${PAY_TYPES.map(
        ([payType, name], index) =>
          html`<label class="choice"><input type="radio" name="payType" value="${payType}"${index === 0 ? html` checked` : ''}> ${name}</label>`,
      )}</fieldset>`
}
<details><summary>捣乱一下（给好奇的人）</summary>
<label class="choice"><input type="checkbox" name="twice" value="1"> 通知同时发两次</label>
<label class="choice"><input type="checkbox" name="lost" value="1"> 第一次的回答丢失，重发</label>
</details>
<button>${free ? '确认，支付 ¥0.00' : `支付 ${yuan(amount)}`}</button>
</form>`;
}

function leaveForm(plate: Plate): Html {
  return html`<form action="/leave" method="post"><input type="hidden" name="plateNo" value="${plate}">
<button class="quiet">开到出口</button></form>`;
}

/** @param now what is due now; null when the car is no longer inside. */
export function paidView({ plate, order }: Receipt, now: Quote | null): Html {
  const { acknowledged, outcomes } = order.delivery;
  return layout(
    acknowledged ? '已支付' : '未确认',
    html`<h1>${plateChip(plate)}</h1>
<section class="card" role="status">
<p class="${acknowledged ? 'done' : 'problem'}" id="paid">${acknowledged ? '支付成功，车场已入账' : '车场没有确认，稍后会再通知'}</p>
<dl>
${row('订单号', order.orderNo)}
${row('支付', yuan(order.amount))}
${order.deduction > 0 ? row('优惠抵扣', yuan(order.deduction)) : ''}
${now === null ? '' : row('车场记录已付', html`<span id="credited">${yuan(now.paid)}</span>`)}
${now === null ? '' : row('还需支付', html`<strong id="due">${yuan(now.due)}</strong>`, 'due')}
</dl>
<p>通知发送 ${outcomes.length} 次，${outcomes.length > 1 ? '只入账一次。' : '一次送达。'}</p>
<details><summary>通知与回答</summary><pre>${JSON.stringify(order.notice, null, 2)}</pre>
<ol>${outcomes.map((outcome) => html`<li>${inWords(outcomeSaid(outcome), 'zh')} <small>${outcome.ms.toFixed(1)} 毫秒</small></li>`)}</ol></details>
</section>
${
  now === null
    ? html`<p class="done" role="status">车在出口等候，付款后道闸已抬起。</p>`
    : html`${now.due > 0 ? html`<p><a href="/fee?plateNo=${encodeURIComponent(plate)}">继续支付 ${yuan(fen(now.due))}</a></p>` : ''}${leaveForm(plate)}`
}`,
  );
}

/** @param rose whether the arm rose. */
export function exitView(plate: Plate, rose: boolean): Html {
  return layout(
    rose ? '道闸已抬起' : '道闸未抬起',
    html`<h1>${plateChip(plate)}</h1>
${
  rose
    ? html`<p class="done" role="status">道闸已抬起，一路平安！</p><p><a href="/">返回</a></p>`
    : html`<p class="problem" role="alert">道闸没有抬起：停车费还没有付清。车在出口等候，付清后道闸立即抬起。</p>
<p><a class="button" href="/fee?plateNo=${encodeURIComponent(plate)}&amp;coupon=${NO_OFFER.id}">去支付</a></p>`
}`,
  );
}
