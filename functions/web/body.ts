import { RefusalError } from '../domain/errors.ts';
import { REQUEST_BODY_MAX_BYTES } from '../domain/limits.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a request's body as a JSON object of at most 64 KB. Refuses other content types, larger bodies (counted while they
 * come, whatever their length was said to be), and what is no JSON object.
 */
export async function readJsonObject(request: Request): Promise<JsonObject> {
  // Parameters do not matter, not even misspelled ones: JSON is UTF-8 (RFC 8259, section 8.1).
  const mediaType = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new RefusalError('unsupported_media_type', 'Send the body as JSON, with Content-Type: application/json');
  }
  const value = parse(await readText(request));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RefusalError('malformed_body', 'The body must be a JSON object');
  }
  return value as JsonObject;
}

async function readText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > REQUEST_BODY_MAX_BYTES) {
      throw new RefusalError('body_too_large', `The body must be at most ${REQUEST_BODY_MAX_BYTES / 1024} KB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RefusalError('malformed_body', 'The body is not valid JSON', { cause });
  }
}
