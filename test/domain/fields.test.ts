import * as v from 'valibot';
import { expect, it } from 'vitest';
import { ValidationError } from '../../functions/domain/errors.ts';
import { readFields } from '../../functions/domain/fields.ts';

const schema = v.object({ name: v.pipe(v.string('No text'), v.maxLength(2, 'Too long'), v.regex(/^a/, 'No a')) });

it('reads the fields that the schema names', () => {
  expect(readFields(schema, { name: 'ab' })).toEqual({ name: 'ab' });
});

it('says every sentence about every field, those that there are not included', () => {
  const complaints = new ValidationError({ name: ['Too long', 'No a'], color: ['Unknown field'] });
  expect(() => readFields(schema, { name: 'bcd', color: 1 })).toThrow(complaints);
  try {
    readFields(schema, { name: 'bcd', color: 1 });
  } catch (error) {
    expect((error as ValidationError).fields).toEqual(complaints.fields);
  }
});
