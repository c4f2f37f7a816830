import { afterEach, describe, expect, it, vi } from 'vitest';
import { type FunctionName, readEnv, readNetworks, SETTINGS_OF } from '../../functions/runtime/env.ts';

const FUNCTIONS = Object.keys(SETTINGS_OF) as FunctionName[];

function given(settings: readonly string[]): Record<string, string> {
  return Object.fromEntries(settings.map((name) => [name, `value of ${name}`]));
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the settings of a function', () => {
  it.each(FUNCTIONS)('%s: are those that it was given, and nothing else of the environment', (name) => {
    const settings = given(SETTINGS_OF[name]);
    expect(readEnv(name, { ...settings, PATH: '/bin', AWS_SECRET_ACCESS_KEY: 'x' })).toEqual(settings);
  });

  it.each(FUNCTIONS)('%s: that are missing are all named', (name) => {
    const [first, ...rest] = SETTINGS_OF[name];
    expect(() => readEnv(name, {})).toThrow(`The function ${name} lacks settings: ${[first, ...rest].join(', ')}`);
    expect(() => readEnv(name, given(rest))).toThrow(new RegExp(`^The function ${name} lacks settings: ${first}$`));
  });

  it('may be empty', () => {
    const settings = { ...given(SETTINGS_OF.api), ALLOWED_NETWORKS: '' };
    expect(readEnv('api', settings).ALLOWED_NETWORKS).toBe('');
  });

  it("are read from the process's environment", () => {
    vi.stubEnv('TABLE_NAME', 'the-table');
    vi.stubEnv('DELIVERIES_QUEUE_URL', 'the-queue');
    expect(readEnv('retry')).toEqual({ TABLE_NAME: 'the-table', DELIVERIES_QUEUE_URL: 'the-queue' });
    vi.stubEnv('TABLE_NAME', undefined);
    expect(() => readEnv('retry')).toThrow('TABLE_NAME');
  });

  it('give the key and the networks only to the functions that call receivers or keep secrets', () => {
    const holders = (setting: string) => FUNCTIONS.filter((name) => SETTINGS_OF[name].some((each) => each === setting));
    expect(holders('KMS_KEY_ID')).toEqual(['api', 'console', 'deliver']);
    expect(holders('ALLOWED_NETWORKS')).toEqual(['api', 'console', 'deliver']);
    expect(holders('EVENT_BUS_NAME')).toEqual(['api', 'deliver', 'dead-letter']);
    expect(holders('ALLOW_INSECURE_TLS')).toEqual(['console', 'deliver']);
  });
});

describe('networks', () => {
  it.each([
    ['', []],
    ['10.1.0.0/16', ['10.1.0.0/16']],
    ['10.1.0.0/16,fd00::/8', ['10.1.0.0/16', 'fd00::/8']],
    [',10.1.0.0/16,,', ['10.1.0.0/16']],
  ])('are read from %j', (text, networks) => {
    expect(readNetworks(text)).toEqual(networks);
  });
});
