import type { ConversionConfig } from '@valibot/to-json-schema';
import { isRfc3339 } from '../../domain/timestamp.ts';
import { isWellFormed } from '../../domain/webhook-input.ts';

/**
 * How schemas become JSON Schema, draft 2020-12. What cannot be converted throws, so that a check which is new to a schema is not left
 * out by accident. Checks of bytes have no keyword: their fields say the limit in words; and no keyword says that text is text.
 */
export const CONVERSION: ConversionConfig = {
  target: 'draft-2020-12',
  errorMode: 'throw',
  overrideAction({ valibotAction, jsonSchema }) {
    const isTime = 'requirement' in valibotAction && valibotAction.requirement === isRfc3339;
    if (isTime) return { ...jsonSchema, format: 'date-time' };
    const isText = 'requirement' in valibotAction && valibotAction.requirement === isWellFormed;
    return isText || valibotAction.type === 'max_bytes' ? jsonSchema : undefined;
  },
};
