import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dictionary, packWire, unpackWire, type Wire } from '../../functions/store/attempt-wire.ts';

const CONTEXT = {
  webhookId: 7,
  deliveryId: '01a20846-fe00-7452-8dee-68df2450e857',
  eventType: 'build.finished',
  startedAt: '2026-11-23T12:00:00.200Z',
} as const;

const WIRE = {
  request: { url: 'https://hooks.customer-ci.com/builds', headers: [['X-Djinn-CI-Delivery', CONTEXT.deliveryId]] },
  connection: { dnsMs: 12, remoteAddress: '203.0.113.107' },
  responseHeaders: [['content-type', 'text/plain']],
  responseBody: Buffer.from('one\ntwo \u{1f680}'),
} as const satisfies Wire;

/** `WIRE`, as the release packed it that began to. */
const PACKED = 'AcMTs5A0kVxaXJKfm1qkmwxOFPrgsCxGi3VKggy7y/AUcFhyNjQbGxrpYGRyIwNjPQM9Q0NjPUMDc1AuzM9L5Sopz1f4MH9WAwA=';

const headers = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })));

describe('what went over the wire', () => {
  it('comes back as it was, whatever it was', () => {
    const wires = fc.record(
      {
        request: fc.record({ url: fc.string(), headers }),
        connection: fc.record({ dnsMs: fc.nat() }, { requiredKeys: [] }),
        responseHeaders: headers,
        responseBody: fc.uint8Array({ maxLength: 1024 }),
      },
      { requiredKeys: ['request'] },
    );
    fc.assert(
      fc.property(wires, (wire) => {
        const { responseBody, ...head } = unpackWire(packWire(wire, CONTEXT), CONTEXT);
        expect(Buffer.from(responseBody ?? [])).toEqual(Buffer.from(wire.responseBody ?? []));
        expect(head).toEqual({ ...wire, responseBody: undefined });
      }),
    );
  });

  it('is read for as long as it is kept: what was packed before is unpacked by every later release', () => {
    const { responseBody, ...head } = unpackWire(Buffer.from(PACKED, 'base64'), CONTEXT);
    expect(head).toEqual({ ...WIRE, responseBody: undefined });
    expect(Buffer.from(responseBody ?? [])).toEqual(WIRE.responseBody);
  });

  it('has one dictionary for ever: another one would be another version', () => {
    expect(createHash('sha256').update(dictionary(CONTEXT)).digest('hex')).toBe(
      '68f6e2b5477ff0712c94942965006b64f88119a2fc068898c6f6335b60dea96d',
    );
  });

  it('is not guessed at where a later release packed it', () => {
    const later = packWire(WIRE, CONTEXT);
    later[0] = 2;
    expect(() => unpackWire(later, CONTEXT)).toThrow('by a later release: version 2');
  });
});
