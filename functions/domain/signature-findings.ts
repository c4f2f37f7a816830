/** What was found out about a signature: a sentence, and what to do in the code that computes it. */
export type Finding = { readonly name: FindingName; readonly happened: string; readonly whatToDo: string };

const RAW_BODY =
  "Take the raw bytes of the request, before anything parses them: express.raw({ type: 'application/json' }) in Express, request.get_data() in Flask, request.body in Django, request.raw_post in Rails, file_get_contents('php://input') in PHP, io.ReadAll(r.Body) in Go.";
const SECRET_AS_IT_STANDS =
  "Take the secret's text as it stands, by its UTF-8 bytes: nothing cut off, nothing added, nothing decoded.";
const ONE_OR_THE_OTHER =
  'X-Djinn-CI-Signature is sha256= and hex over the body alone; webhook-signature is v1, and base64 over id.timestamp.body, for which there are libraries (standardwebhooks.com).';

const FINDINGS = {
  right_djinn: [
    'This is the signature that was sent in X-Djinn-CI-Signature.',
    'If your code refuses the delivery all the same, look at how it reads the header and compares: the whole text, sha256= included, by a comparison in constant time.',
  ],
  right_standard: [
    'This is a signature that was sent in webhook-signature.',
    'If your code refuses the delivery all the same: the header may have several signatures with spaces between them, of which one must match, and the time in webhook-timestamp is checked, too.',
  ],
  no_prefix: [
    'The prefix sha256= is missing.',
    'Put sha256= before the hex digits before you compare, or compare with what stands behind it in the header.',
  ],
  no_v1: [
    'The prefix v1, is missing.',
    'Put v1, before the base64 before you compare with each signature in webhook-signature.',
  ],
  wrong_prefix: [
    'It does not begin as the header does.',
    'X-Djinn-CI-Signature begins with sha256= in lower case, and webhook-signature with v1 and a comma.',
  ],
  upper_case: [
    'It is in upper-case hex.',
    'The header has lower-case hex: convert yours before you compare, or compare the decoded bytes.',
  ],
  base64: [
    'It is in base64.',
    "X-Djinn-CI-Signature is in hex: hexdigest() in Python, digest('hex') in Node, hex.EncodeToString in Go, bin2hex in PHP.",
  ],
  standard_hex: [
    'It is over id.timestamp.body, as webhook-signature is, but in hex.',
    'webhook-signature is in base64: encode the bytes of the HMAC so.',
  ],
  encoded_twice: [
    'It is the base64 of the hex digits, and so encoded twice.',
    'Encode the bytes of the HMAC, not its hex digits.',
  ],
  other_algorithm: [
    'It was made with another hash than SHA-256.',
    'Both headers are made with HMAC-SHA256: name sha256 where your code names the hash.',
  ],
  body_alone: [
    'It is over the body alone, but webhook-signature is over id.timestamp.body.',
    'Sign the values of webhook-id and webhook-timestamp and the raw body, with dots between them.',
  ],
  timestamp_alone: [
    'It is over timestamp.body, but webhook-signature is over id.timestamp.body.',
    'Put the value of webhook-id and a dot before it.',
  ],
  timestamp_in_ms: [
    'It is over a time in milliseconds.',
    'Take webhook-timestamp as it stands in the header, in seconds.',
  ],
  reencoded: ['Your code signs the body after it was parsed and written again.', RAW_BODY],
  newline_added: ['Your code signs the body with a newline behind it.', RAW_BODY],
  space_removed: ['Your code signs the body without the white space around it.', RAW_BODY],
  empty_body: [
    'Your code signs an empty body.',
    `Something has read the body before: a stream can be read once. ${RAW_BODY}`,
  ],
  object_text: ['Your code signs the text [object Object]: the body was parsed already.', RAW_BODY],
  quoted_body: ['Your code signs the body as a JSON string, with quotes around it.', RAW_BODY],
  base64_body: [
    'Your code signs the body in base64.',
    'Decode it first: API Gateway and load balancers hand bodies to Lambda so, and say it in isBase64Encoded.',
  ],
  latin1_body: ['Your code reads the body as Latin-1 before it signs it.', RAW_BODY],
  trimmed_secret: ['Your code removes the white space around the secret, which belongs to it.', SECRET_AS_IT_STANDS],
  newline_secret: [
    'Your code has a newline behind the secret.',
    'Remove it: it often comes from a file or from echo, in whose place printf %s does.',
  ],
  quoted_secret: [
    'Your code has quotes around the secret.',
    'Remove them: some ways to set environment variables keep quotes as they are.',
  ],
  base64_decoded_secret: ['Your code decodes the secret as base64.', SECRET_AS_IT_STANDS],
  base64_encoded_secret: ['Your code has the secret in base64.', SECRET_AS_IT_STANDS],
  hex_decoded_secret: ['Your code decodes the secret as hex.', SECRET_AS_IT_STANDS],
  whsec_kept: [
    'Your code takes the secret as it stands, with whsec_.',
    'For webhook-signature the key is what is behind whsec_, decoded as base64; for X-Djinn-CI-Signature it is the whole text.',
  ],
  whsec_removed: [
    'Your code takes whsec_ off the secret and the rest as it stands.',
    'For webhook-signature, decode the rest as base64; for X-Djinn-CI-Signature, keep whsec_: the whole text is the key.',
  ],
  whsec_decoded: [
    'Your code takes whsec_ off the secret and decodes the rest.',
    'That is the key for webhook-signature. For X-Djinn-CI-Signature, take the whole text, whsec_ included.',
  ],
  empty_secret: [
    'Your code signs with an empty secret.',
    'It is not set where your code runs: see how the environment variable or the file comes there.',
  ],
  undefined_secret: [
    'Your code signs with the word undefined, null or None in place of the secret.',
    'It is not set where your code runs: see how the environment variable or the file comes there.',
  ],
  no_key: [
    'It is a plain SHA-256, made without the secret.',
    'Make an HMAC with the secret as its key: crypto.createHmac in Node, hmac.new in Python, hash_hmac in PHP, hmac.New in Go.',
  ],
  concatenated: [
    'It is a SHA-256 of the secret and the body together, which is no HMAC.',
    'Make an HMAC with the secret as its key: crypto.createHmac in Node, hmac.new in Python, hash_hmac in PHP, hmac.New in Go.',
  ],
  swapped: [
    'Secret and body have changed places: the body is the key.',
    "Give the secret as the key and the body as the message; hmac.new in Python takes the key first, PHP's hash_hmac takes it last.",
  ],
  replaced_secret: [
    'It was made with the secret that this webhook had before.',
    'Give your code the secret that the webhook has now. If nobody has it any more, set a new one.',
  ],
  newer_secret: [
    'It was made with the secret that the webhook has now, but this attempt was signed with an earlier one.',
    'Your code is right for what is sent from now on. Redeliver this, and compare with the new attempt.',
  ],
  truncated: [
    'It begins as the right one does, and then ends too early.',
    'Do not cut it: sha256= is followed by 64 hex digits, and v1, by 44 characters of base64. See whether a column or a variable is too short.',
  ],
  wrong_length: [
    'It has not the length of any signature.',
    'X-Djinn-CI-Signature is sha256= and 64 hex digits; webhook-signature is v1, and 44 characters of base64. Paste all that your code computes, and nothing else.',
  ],
  wrong_characters: [
    'It is no signature: it has characters that are neither hex nor base64.',
    'Paste what your code computes, such as sha256= and 64 hex digits. If it prints bytes, encode them as hex.',
  ],
  unsigned: [
    'Nothing was signed: the webhook had no secret when this attempt was made.',
    'Give the webhook a secret, and your code the same one; then redeliver this.',
  ],
  unsent: ['Nothing was sent with this attempt, and so nothing was signed.', 'Choose an attempt that was sent.'],
  payload_gone: [
    'The body of this attempt is no longer kept, so that nothing can be compared.',
    'Choose a younger delivery, or send a test.',
  ],
  unknown: [
    'No known mistake gives this: the secret is probably another one.',
    `Compare the secret in your code with the one of this webhook, or set a new one in both. ${ONE_OR_THE_OTHER}`,
  ],
  secret_lost: [
    "The webhook's secret cannot be opened any more, so that only exact matches can be told.",
    'Set a new one in the settings of the webhook and in your code: what is held is sent then.',
  ],
  unknown_since_changed: [
    "The webhook's secret was changed since this attempt, and what it was signed with is no longer known: only exact matches can be told.",
    'Redeliver this, and compare with the new attempt.',
  ],
} as const satisfies Record<string, readonly [string, string]>;

export type FindingName = keyof typeof FINDINGS;

/** A finding with its sentences; `detail` says more of what happened. */
export function finding(name: FindingName, detail?: string): Finding {
  const [happened, whatToDo] = FINDINGS[name];
  return { name, happened: detail === undefined ? happened : `${happened} ${detail}`, whatToDo };
}
