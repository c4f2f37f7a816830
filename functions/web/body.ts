import { RefusalError } from '../domain/errors.ts';
import { REQUEST_BODY_MAX_BYTES } from '../domain/limits.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** Reads a request's body as a JSON object of at most 64 KB, as `readJsonBody` does. */
export async function readJsonObject(request: Request): Promise<JsonObject> {
  return (await readJsonBody(request, REQUEST_BODY_MAX_BYTES)).value;
}

/**
 * Reads a request's body as a JSON object; answers its text, too, which is what was sent, byte for byte. Refuses other content
 * types, larger bodies (counted while they come, whatever their length was said to be), and what is no JSON object.
 */
export async function readJsonBody(
  request: Request,
  maxBytes: number,
): Promise<{ readonly text: string; readonly value: JsonObject }> {
  // Parameters do not matter, not even misspelled ones: JSON is UTF-8 (RFC 8259, section 8.1).
  const mediaType = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new RefusalError('unsupported_media_type', 'Send the body as JSON, with Content-Type: application/json');
  }
  const text = await readText(request, maxBytes);
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RefusalError('malformed_body', 'The body must be a JSON object');
  }
  return { text, value: value as JsonObject };
}

/** Reads a request's body as UTF-8 text, of at most 64 KB where no other limit is given. Refuses what is larger, and what is no UTF-8. */
export async function readText(request: Request, maxBytes = REQUEST_BODY_MAX_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new RefusalError('body_too_large', `The body must be at most ${maxBytes / 1024} KB`);
    }
    chunks.push(chunk);
  }
  return decode(Buffer.concat(chunks));
}

/** Strictly: what is no UTF-8 is no JSON, and a character put in its place is not what was sent. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new RefusalError('malformed_body', 'The body is not valid UTF-8', { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RefusalError('malformed_body', 'The body is not valid JSON', { cause });
  }
}
