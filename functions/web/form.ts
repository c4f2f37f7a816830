import { RefusalError } from '../domain/errors.ts';
import { readText } from './body.ts';

/** The fields of a form that was sent; of a field that came more than once, `text` is the first and `all` are all. */
export type Form = {
  readonly text: (name: string) => string;
  readonly has: (name: string) => boolean;
  readonly all: (name: string) => readonly string[];
};

/** Reads a form of at most 64 KB, as browsers send them. Refuses other content types, and what is larger. */
export async function readForm(request: Request): Promise<Form> {
  const mediaType = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded') {
    throw new RefusalError('unsupported_media_type', 'Send the form from its page');
  }
  return formOf(new URLSearchParams(await readText(request)));
}

/** The fields as a form. */
export function formOf(fields: URLSearchParams): Form {
  return {
    // Browsers send line ends as CRLF, whatever was typed.
    text: (name) => (fields.get(name) ?? '').replaceAll('\r\n', '\n'),
    has: (name) => fields.has(name),
    all: (name) => fields.getAll(name),
  };
}
