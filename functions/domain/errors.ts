/** The refusals that a caller can mend. Each code has one status in `web/problems.ts`. */
export type RefusalCode =
  | 'malformed_body'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'invalid_parameter'
  | 'not_found'
  | 'conflict'
  | 'key_reused'
  | 'own_delivery';

/** A refusal: the sentence says what the caller can do. Anything else that is thrown is a bug. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Field name to the sentences about it, as the API answers them. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

/** Input whose fields do not hold: the API answers 400 with the fields and their sentences. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
  readonly fields: FieldErrors;

  constructor(fields: FieldErrors) {
    super(Object.values(fields).flat().join('. '));
    this.fields = fields;
  }
}
