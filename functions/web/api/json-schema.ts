import type { ConversionConfig } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { isRfc3339 } from '../../domain/timestamp.ts';
import { isWellFormed } from '../../domain/webhook-input.ts';

/**
 * How schemas become JSON Schema, draft 2020-12. What cannot be converted throws, so that a check which is new to a schema is not left
 * out by accident. Checks of bytes have no keyword: no text of so many bytes has more characters, and their fields say the limit in words.
 * No keyword says that text is text.
 */
export const CONVERSION: ConversionConfig = {
  target: 'draft-2020-12',
  errorMode: 'throw',
  overrideAction({ valibotAction, jsonSchema }) {
    const requirement = 'requirement' in valibotAction ? valibotAction.requirement : undefined;
    if (requirement === isRfc3339) return { ...jsonSchema, format: 'date-time' };
    if (requirement === isWellFormed) return jsonSchema;
    return isOfBytes(valibotAction) ? { ...jsonSchema, maxLength: valibotAction.requirement } : undefined;
  },
};

function isOfBytes(action: { readonly type: string }): action is v.MaxBytesAction<string, number, undefined> {
  return action.type === 'max_bytes';
}
