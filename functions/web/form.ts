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
  refuseNoForm(request);
  return formOf(new URLSearchParams(await readText(request)));
}

/** Refuses what is no form as browsers send them: also where none of its fields is read. */
export function refuseNoForm({ headers }: Request): void {
  const mediaType = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === 'application/x-www-form-urlencoded') return;
  throw new RefusalError('unsupported_media_type', 'Send the form from its page');
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
