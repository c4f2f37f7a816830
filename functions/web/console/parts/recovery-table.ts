import { html } from 'hono/html';
import { progressOf, type Recovery, type RecoveryStatus } from '../../../domain/recovery.ts';
import { count, exactTime, grouped, percent } from '../words.ts';
import { badge, type Tone } from './badge.ts';
import type { IconName } from './icon.ts';
import { table } from './table.ts';
import { timeTag } from './time.ts';

const LOOKS: Readonly<Record<RecoveryStatus, { readonly tone: Tone; readonly sign: IconName; readonly text: string }>> =
  {
    running: { tone: 'wait', sign: 'retry', text: 'Running' },
    finished: { tone: 'good', sign: 'check', text: 'Finished' },
    cancelled: { tone: 'quiet', sign: 'dash', text: 'Cancelled' },
  };

const COLUMNS = [
  { name: 'State' },
  { name: 'What' },
  { name: 'Progress' },
  { name: 'Asked for', kind: 'number' },
] as const;

/** Recoveries, how far each is, and a button for one that runs where `cancelUrl` says what it calls. */
export function recoveryTable(
  recoveries: readonly Recovery[],
  { nowMs, cancelUrl }: { readonly nowMs: number; readonly cancelUrl: ((id: string) => string) | undefined },
) {
  const row = (recovery: Recovery) => {
    const { id, status, filter, reason, createdAt } = recovery;
    const name = `the recovery of ${exactTime(Date.parse(createdAt))}`;
    const cancel = cancelUrl
      ? html`<form method="post" action="${cancelUrl(id)}"><button class="link">Cancel<span class="visually-hidden"> ${name}</span></button></form>`
      : '';
    return [
      badge(LOOKS[status]),
      html`${WHAT[filter.status]}<small>${exactTime(Date.parse(filter.since))} to ${exactTime(Date.parse(filter.until))}</small>`,
      html`${progress(recovery)}${reason === undefined ? '' : html`<small>${reason}</small>`}${status === 'running' ? cancel : ''}`,
      timeTag(createdAt, nowMs),
    ];
  };
  return table({ label: 'Recoveries', columns: COLUMNS, rows: recoveries.map(row) });
}

const WHAT: Readonly<Record<Recovery['filter']['status'], string>> = {
  dead: 'What was given up',
  missed: 'All that was missed',
  cancelled: 'What was cancelled',
  retrying: 'What was retrying',
  held: 'What was held',
  succeeded: 'What had succeeded',
};

function progress(recovery: Recovery) {
  const { deliveriesRead, deliveriesRedelivered, status } = recovery;
  const share = progressOf(recovery);
  const bar = html`<span class="counted"><progress value="${share}" max="1" aria-label="How far it is">${percent(share)}</progress> ${percent(share)}</span>`;
  const text = `${count(deliveriesRedelivered, 'delivery', 'deliveries')} sent again, of ${grouped(deliveriesRead)} looked at`;
  return status === 'running' ? html`${bar}<small>${text}</small>` : text;
}
