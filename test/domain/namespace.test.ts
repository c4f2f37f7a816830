import { describe, expect, it } from 'vitest';
import { isNamespacePath, isUsername } from '../../functions/domain/namespace.ts';

const NAMES = ['a', '0', 'djinn-ci', 'v1.2_x', 'A', 'a'.repeat(128), 'a-'];
const NO_NAMES = ['', '-', '.', '..', '_a', '.git', ' a', 'a ', 'a\n', 'a b', 'é', 'a%2fb', 'a\\b', 'a'.repeat(129)];

describe('a namespace path', () => {
  it.each([...NAMES, 'a/b', 'root/child/grandchild'])('is %s', (path) => {
    expect(isNamespacePath(path)).toBe(true);
  });

  it.each([...NO_NAMES, '/', '/a', 'a/', 'a//b', 'a/../b'])('is not %j', (path) => {
    expect(isNamespacePath(path)).toBe(false);
  });

  it('is twenty names deep at most', () => {
    expect(isNamespacePath(Array(20).fill('a').join('/'))).toBe(true);
    expect(isNamespacePath(Array(21).fill('a').join('/'))).toBe(false);
  });

  it('never holds the separator that routes end it with', () => {
    expect(isNamespacePath('a/-/webhooks')).toBe(false);
  });
});

describe("a user's name", () => {
  it.each(NAMES)('is %s', (name) => {
    expect(isUsername(name)).toBe(true);
  });

  it.each([...NO_NAMES, 'a/b'])('is not %j', (name) => {
    expect(isUsername(name)).toBe(false);
  });
});
