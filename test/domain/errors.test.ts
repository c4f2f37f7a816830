import { describe, expect, it } from 'vitest';
import { RefusalError, ValidationError } from '../../functions/domain/errors.ts';

describe('a refusal', () => {
  it('has a code, a sentence and what caused it', () => {
    const cause = new Error('why');
    const refusal = new RefusalError('conflict', 'There is one already', { cause });
    expect(refusal).toBeInstanceOf(Error);
    expect(refusal).toMatchObject({ name: 'RefusalError', code: 'conflict', message: 'There is one already', cause });
  });
});

describe('a validation error', () => {
  it('has the fields, and all of their sentences as its message', () => {
    const fields = { payload_url: ['Payload URL is required'], events: ['Unknown event "a"', 'Unknown event "b"'] };
    const error = new ValidationError(fields);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'ValidationError', fields });
    expect(error.message).toBe('Payload URL is required. Unknown event "a". Unknown event "b"');
  });
});
