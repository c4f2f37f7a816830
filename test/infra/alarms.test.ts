import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { METRIC_OF, METRICS_NAMESPACE } from '../../functions/runtime/metrics.ts';
import { type Json, namesIn, type Synthesised, synthesise } from '../support/template.ts';

const RUNBOOK = readFileSync('docs/operations.md', 'utf8').split('\n## Alarms')[1]?.split('\n## ')[0] ?? '';
const SECTIONS = [...RUNBOOK.matchAll(/^### (.+)\n([\s\S]*?)(?=^### |$(?![\s\S]))/gm)].map(
  ([, title = '', text = '']) => ({
    title,
    text,
  }),
);

let stack: Synthesised;
let alarms: readonly Json[];
beforeAll(() => {
  stack = synthesise();
  alarms = stack.ofType('AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
});

/** The section of the runbook that an alarm's description ends with. */
function sectionOf({ AlarmDescription: description }: Json): string {
  return /What to do: docs\/operations\.md, "(.+)"\.$/.exec(String(description))?.[1] ?? '';
}

describe('every alarm', () => {
  it('says what it means, and leads to its section of the runbook; and every section has its alarm', () => {
    expect(alarms.length).toBeGreaterThan(16);
    for (const alarm of alarms) expect(String(alarm['AlarmDescription']).length).toBeGreaterThan(100);
    expect(new Set(alarms.map(sectionOf))).toEqual(new Set(SECTIONS.map(({ title }) => title)));
  });

  it('has a runbook that says where to look and what to type', () => {
    for (const { title, text } of SECTIONS) {
      expect(text, title).toMatch(/^- \*\*Look\*\*:/m);
      expect(text, title).toMatch(/^- \*\*Do\*\*:/m);
    }
  });

  it('takes silence for what it is: well, or, of what runs every minute, not', () => {
    for (const alarm of alarms) {
      const isOfSilence = sectionOf(alarm) === 'A schedule stands still';
      expect(alarm['TreatMissingData']).toBe(isOfSilence ? 'breaching' : 'notBreaching');
      expect(alarm['ComparisonOperator']).toBe(isOfSilence ? 'LessThanThreshold' : 'GreaterThanOrEqualToThreshold');
    }
  });

  it('fills no gap: where metrics come late, the newest point would be what it is filled with, and hide the rest', () => {
    expect(JSON.stringify(alarms)).not.toContain('FILL(');
  });

  it('looks at what is there, and each queue, the API and each function is looked at', () => {
    const watched = new Set(alarms.flatMap(namesIn));
    for (const type of ['AWS::SQS::Queue', 'AWS::Lambda::Function', 'AWS::ApiGatewayV2::Api']) {
      for (const [id] of stack.ofType(type)) expect(watched, type).toContain(id);
    }
  });
});

describe('the metrics of our own', () => {
  it('are looked for under the name that the function writes them under', () => {
    const writers = stack.ofType('AWS::Lambda::Function').flatMap(([, { Properties }]) => {
      const { Variables } = Properties['Environment'] as { Variables: Json };
      return Variables['POWERTOOLS_SERVICE_NAME'] ?? [];
    });
    expect(writers).toEqual(['DjinnWebhooks']);
    const share = alarms.find((alarm) => sectionOf(alarm) === 'Attempts fail');
    expect(JSON.stringify(share)).toContain(
      JSON.stringify({
        Dimensions: [{ Name: 'service', Value: 'DjinnWebhooks' }],
        MetricName: METRIC_OF.undelivered,
        Namespace: METRICS_NAMESPACE,
      }),
    );
  });

  it('have an alarm of their own where they tell of what no queue and no function shows', () => {
    const watched = (section: string) =>
      alarms.filter((alarm) => sectionOf(alarm) === section).map(({ MetricName }) => MetricName);
    expect(watched('Deliveries cannot be signed')).toEqual([METRIC_OF.unsigned]);
    expect(watched('Messages come back')).toEqual([METRIC_OF.handedBack]);
  });

  it('are on the dashboard, each of them', () => {
    const [dashboard] = stack.ofType('AWS::CloudWatch::Dashboard');
    for (const name of Object.values(METRIC_OF)) expect(JSON.stringify(dashboard)).toContain(name);
  });
});
