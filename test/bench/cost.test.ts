import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { costOfScenes, type SceneName } from './cost/scenes.ts';
import { type Costs, costFindings } from './cost.ts';
import { asMarkdown, sectionOf } from './report.ts';

let costs: Costs;
beforeAll(async () => {
  costs = await costOfScenes();
});

/** The units that AWS bills by the piece, of one delivery. A change that costs money changes one of these. */
const BILLED: Readonly<Record<SceneName, Readonly<Record<string, number>>>> = {
  steady: { busEvents: 1, sqsRequests: 1.5, sqsFairRequests: 0.1, wru: 2, rru: 3, kmsCalls: 0, invocations: 0.2 },
  keptConnections: {
    busEvents: 1,
    sqsRequests: 1.5,
    sqsFairRequests: 0.1,
    wru: 2,
    rru: 3,
    kmsCalls: 0,
    invocations: 0.2,
  },
  oneNamespace: {
    busEvents: 1,
    sqsRequests: 1.5,
    sqsFairRequests: 0.1,
    wru: 2,
    rru: 1.2,
    kmsCalls: 0,
    invocations: 0.2,
  },
  together: {
    busEvents: 0.1,
    sqsRequests: 0.45,
    sqsFairRequests: 0.1,
    wru: 2,
    rru: 3,
    kmsCalls: 0,
    invocations: 0.11,
  },
  trickle: { busEvents: 1, sqsRequests: 6, sqsFairRequests: 1, wru: 2, rru: 3, kmsCalls: 0, invocations: 2 },
  pastTheBus: { busEvents: 0, sqsRequests: 0.6, sqsFairRequests: 0.1, wru: 2, rru: 3, kmsCalls: 0, invocations: 0.2 },
  thirdTime: {
    busEvents: 1,
    sqsRequests: 2.1,
    sqsFairRequests: 0.3,
    wru: 16,
    rru: 10.25,
    kmsCalls: 0,
    invocations: 0.4,
  },
  dead: { busEvents: 3, sqsRequests: 4.2, sqsFairRequests: 1, wru: 72, rru: 41, kmsCalls: 0, invocations: 1.1 },
};

describe('a delivery is billed for', () => {
  it.each(Object.keys(BILLED) as SceneName[])('exactly this: %s', (name) => {
    expect(costs[name].perDelivery).toMatchObject(BILLED[name]);
  });

  it('no line of the log where it succeeds', () => {
    expect(costs.steady.perDelivery.logBytes).toBe(0);
    expect(costs.thirdTime.perDelivery.logBytes).toBeGreaterThan(0);
  });

  it('these calls in full batches: the webhooks of each namespace, and eight for ten deliveries', () => {
    expect(costs.steady.callsPerDelivery).toEqual({
      PutEvents: 0.1,
      ReceiveMessage: 0.2,
      DeleteMessageBatch: 0.2,
      Query: 1,
      BatchExecuteStatement: 0.2,
      SendMessageBatch: 0.1,
      BatchGetItem: 0.2,
    });
  });
});

describe('docs/performance.md', () => {
  it('has the counts as they are', () => {
    const written = sectionOf(readFileSync('docs/performance.md', 'utf8'), 'cost');
    expect(written === asMarkdown(costFindings(costs)), 'it is stale: `npm run bench -- cost` writes it anew').toBe(
      true,
    );
  });

  it('is what docs/operations.md tells operators, in all', () => {
    const [, usdPerMillion] = /cost USD ([\d.]+),/.exec(costFindings(costs).verdict) ?? [];
    expect(readFileSync('docs/operations.md', 'utf8')).toContain(`| **together** | **${usdPerMillion}** | |`);
  });

  it('tells them what putting ten events into an entry saves', () => {
    const { usdPerMillion = 0, usdPerMillionTogether = 0 } = costFindings(costs).results;
    const saved = (usdPerMillion - usdPerMillionTogether).toFixed(2);
    expect(readFileSync('docs/operations.md', 'utf8')).toContain(`A million deliveries are USD ${saved} cheaper`);
    expect(usdPerMillionTogether).toBeLessThan(3.5);
  });

  it('has its chart, and results.json its numbers', () => {
    const { charts = {}, results } = costFindings(costs);
    for (const [name, svg] of Object.entries(charts)) {
      expect(readFileSync(`docs/images/${name}.svg`, 'utf8') === svg, name).toBe(true);
    }
    expect(JSON.parse(readFileSync('test/bench/results.json', 'utf8'))).toMatchObject(results);
  });
});
