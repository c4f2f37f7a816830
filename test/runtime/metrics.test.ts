import { expect, it, vi } from 'vitest';
import { countInLog, METRICS_NAMESPACE } from '../../functions/runtime/metrics.ts';

const NONE = { failed: 0, dead: 0, held: 0, undelivered: 0, unsigned: 0, handedBack: 0 };

/** What a function writes to its log while it counts: Lambda takes that from its standard output. */
function written(count: () => void): string[] {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(...String(chunk).split('\n').filter(Boolean));
    return true;
  });
  try {
    count();
  } finally {
    write.mockRestore();
  }
  return lines;
}

it('a batch in which not all was well is one line of the log, in the format that CloudWatch makes metrics of', () => {
  const lines = written(() => countInLog({ ...NONE, failed: 3, dead: 1, handedBack: 2 }));
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0] ?? '{}');
  expect(line).toMatchObject({ AttemptsFailed: 3, DeliveriesDead: 1, MessagesHandedBack: 2 });
  expect(line).not.toHaveProperty('DeliveriesHeld');
  const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
  expect({ Namespace, Dimensions }).toEqual({ Namespace: METRICS_NAMESPACE, Dimensions: [['service']] });
  expect(Metrics.map(({ Name }: { readonly Name: string }) => Name)).toEqual([
    'AttemptsFailed',
    'DeliveriesDead',
    'MessagesHandedBack',
  ]);
  expect(Buffer.byteLength(lines[0] ?? '')).toBeLessThan(500);
});

it('the next batch is counted by itself', () => {
  const [line = '{}'] = written(() => countInLog({ ...NONE, held: 5 }));
  expect(JSON.parse(line)).toMatchObject({ DeliveriesHeld: 5 });
  expect(line).not.toContain('AttemptsFailed');
});
