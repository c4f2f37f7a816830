/** How browsers send forms. */
export const FORM = 'application/x-www-form-urlencoded';

/** What would run a script in a page that takes it for its own. */
export const MARKUP = `"'><svg onload=alert(1)><script>alert(2)</script>`;

/** The names of all fields and parameters. */
const NAMES = (
  'payload_url secret secret_choice secret_overlap_seconds seen for events span until since from status event signature attempt log ' +
  'delivery to token cursor within id path'
).split(' ');

/** What stands where an id or a name should. */
export const IDS = [
  '0',
  '-1',
  '01',
  '1.0',
  '1e3',
  'new',
  '9007199254740993',
  '9'.repeat(400),
  'x'.repeat(5_000),
  '\u0000',
  '\u2603',
  '..',
  '../../etc',
  ' ',
  '-',
  '__proto__',
  '#',
  'w#1',
  MARKUP,
  '2026-11-23T11:59:59.000Z~x',
];

/** What stands where a query should; each of the pages' parameters has what it cannot have. */
export const QUERIES = [
  '?',
  '?&&==&',
  '?cursor=',
  '?cursor=after.',
  '?cursor=after.9999999999999999',
  '?cursor=upto.019b0000-0000-7000-8000-000000000001',
  '?cursor=after.2026-11-23T11:59:59.000Z~5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11',
  `?cursor=${'x'.repeat(5_000)}`,
  '?cursor=%00&cursor=%ff',
  '?status=none&event=none&within=1y&since=soon&until=-1&id=x',
  '?since=9999-99-99&until=0000-00-00T99:99',
  '?attempt=0&curl=show',
  '?attempt=99999999999999999999',
  '?path=%2F..%2F..&to=x',
  `?${fields(MARKUP)}`,
];

/** What a form may be sent that no page of ours sends. */
export const BODIES: readonly (readonly [string, string, string | Uint8Array<ArrayBuffer>])[] = [
  ['nothing', FORM, ''],
  ['what is no form', 'application/json', '{"payload_url":1}'],
  ['of no type', '', 'active=on'],
  [
    'a form of files',
    'multipart/form-data; boundary=x',
    '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
  ],
  ['broken escapes', FORM, '%&%%%=%zz&payload_url=%E0%A4%A&secret_choice=%'],
  ['what is no UTF-8', FORM, new Uint8Array([0x61, 0x3d, 0xff, 0xfe])],
  ['NULs', FORM, fields('\u0000')],
  ['lone surrogates', FORM, fields('%ED%A0%80', { isEscaped: true })],
  ['markup', FORM, fields(MARKUP)],
  ['numbers beyond any', FORM, fields('9'.repeat(400))],
  [
    'names of what all objects have',
    FORM,
    '__proto__=1&constructor=2&toString=3&secret_choice=__proto__&from=constructor&span=toString',
  ],
  ['thousands of characters in each field', FORM, fields('x'.repeat(2_000))],
  ['thousands of fields', FORM, 'events=cron&'.repeat(5_000)],
  ['more than is read', FORM, `payload_url=${'x'.repeat(70_000)}`],
];

/** A form with the same value in each field that any page has. It is escaped, unless it is meant to come as it is. */
function fields(value: string, { isEscaped = false } = {}): string {
  return NAMES.map((name) => `${name}=${isEscaped ? value : encodeURIComponent(value)}`).join('&');
}
