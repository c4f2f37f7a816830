/** Places that a webhook may be sent to, and places that it must not: the project's vectors and our own. */
import { readFileSync } from 'node:fs';
import type { DestinationPolicy } from '../../functions/domain/destination.ts';

export type Vector = {
  readonly group: string;
  readonly address?: string;
  readonly url?: string;
  readonly resolvesTo?: readonly string[];
  readonly thenResolvesTo?: readonly string[];
  readonly redirectStatus?: number;
  readonly redirectTo?: string;
  readonly expect: 'allow' | 'reject-at-create' | 'reject-at-connect';
  readonly why: string;
};

/**
 * Every row of the registries: its first and its last address, and the public neighbours before and after it. Written out,
 * not computed from the code's own list.
 */
export const RANGES = [
  '0.0.0.0 0.255.255.255 - 1.0.0.0',
  '10.0.0.0 10.255.255.255 9.255.255.255 11.0.0.0',
  '100.64.0.0 100.127.255.255 100.63.255.255 100.128.0.0',
  '127.0.0.0 127.255.255.255 126.255.255.255 128.0.0.0',
  '169.254.0.0 169.254.255.255 169.253.255.255 169.255.0.0',
  '172.16.0.0 172.31.255.255 172.15.255.255 172.32.0.0',
  '192.0.0.0 192.0.0.255 191.255.255.255 192.0.1.0',
  '192.0.2.0 192.0.2.255 192.0.1.255 192.0.3.0',
  '192.31.196.0 192.31.196.255 192.31.195.255 192.31.197.0',
  '192.52.193.0 192.52.193.255 192.52.192.255 192.52.194.0',
  '192.88.99.0 192.88.99.255 192.88.98.255 192.88.100.0',
  '192.168.0.0 192.168.255.255 192.167.255.255 192.169.0.0',
  '192.175.48.0 192.175.48.255 192.175.47.255 192.175.49.0',
  '198.18.0.0 198.19.255.255 198.17.255.255 198.20.0.0',
  '198.51.100.0 198.51.100.255 198.51.99.255 198.51.101.0',
  '203.0.113.0 203.0.113.255 203.0.112.255 203.0.114.0',
  '224.0.0.0 239.255.255.255 223.255.255.255 -',
  '240.0.0.0 255.255.255.255 - -',
  // All below and above 2000::/3, and the rows of the special registry in there.
  ':: 1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff - 2000::',
  '::1 ::1 - -',
  '::ffff:0:0 ::ffff:255.255.255.255 - -',
  '::ffff:0:0:0 ::ffff:0:ffff:ffff - -',
  '64:ff9b:: 64:ff9b::ffff:ffff - -',
  '64:ff9b:1:: 64:ff9b:1:ffff:ffff:ffff:ffff:ffff - -',
  '100:: 100::ffff:ffff:ffff:ffff - -',
  '100:0:0:1:: 100::1:ffff:ffff:ffff:ffff - -',
  '2001:: 2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff 2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2001:200::',
  '2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9::',
  '2002:: 2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2003::',
  '2620:4f:8000:: 2620:4f:8000:ffff:ffff:ffff:ffff:ffff 2620:4f:7fff:ffff:ffff:ffff:ffff:ffff 2620:4f:8001::',
  '3fff:: 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff 3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff 3fff:1000::',
  '4000:: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -',
  '5f00:: 5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff - -',
  'fc00:: fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff - -',
  'fe80:: febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff - -',
  'fec0:: feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff - -',
  'ff00:: ff0f:ffff:ffff:ffff:ffff:ffff:ffff:ffff - -',
  '168.63.129.16 168.63.129.16 168.63.129.15 168.63.129.17',
].map((row) => {
  const [first = '', last = '', ...neighbours] = row.split(' ');
  return { first, last, neighbours: neighbours.filter((one) => one !== '-') };
});

/**
 * What no operator can open, by range: its first and its last address, and the addresses before and after it that an
 * operator who opens everything has opened.
 */
export const NEVER_ALLOWED_EDGES = [
  '0.0.0.0 0.255.255.255 - 1.0.0.0',
  '127.0.0.0 127.255.255.255 126.255.255.255 128.0.0.0',
  '169.254.0.0 169.254.255.255 169.253.255.255 169.255.0.0',
  '100.100.100.200 100.100.100.200 100.100.100.199 100.100.100.201',
  '168.63.129.16 168.63.129.16 168.63.129.15 168.63.129.17',
  '192.0.0.192 192.0.0.192 192.0.0.191 192.0.0.193',
  '224.0.0.0 239.255.255.255 223.255.255.255 240.0.0.0',
  '255.255.255.255 255.255.255.255 255.255.255.254 -',
  ':: ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff - 100::',
  '2001:: 2001:0:ffff:ffff:ffff:ffff:ffff:ffff 2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2001:1::',
  '2002:: 2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2003::',
  'fe80:: febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff fec0::',
  'ff00:: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -',
  'fd00:c1:: fd00:c1:ffff:ffff:ffff:ffff:ffff:ffff fd00:c0:ffff:ffff:ffff:ffff:ffff:ffff fd00:c2::',
  'fd00:ec2:: fd00:ec2:ffff:ffff:ffff:ffff:ffff:ffff fd00:ec1:ffff:ffff:ffff:ffff:ffff:ffff fd00:ec3::',
  'fd00:42::42 fd00:42::42 fd00:42::41 fd00:42::43',
  'fd20:ce::254 fd20:ce::254 fd20:ce::253 fd20:ce::255',
].map((row) => {
  const [first = '', last = '', ...neighbours] = row.split(' ');
  return { closed: [first, last], open: neighbours.filter((one) => one !== '-') };
});

/** Addresses of all kinds that must not be connected to. */
const REFUSED_ADDRESSES = {
  metadata:
    '169.254.169.254 169.254.170.2 169.254.170.23 169.254.169.253 169.254.0.23 100.100.100.200 192.0.0.192 168.63.129.16',
  'metadata-v6': 'fd00:ec2::254 fd00:ec2::253 fd00:ec2::23 fd20:ce::254 fd00:42::42 fd00:c1::a9fe:a9fe fe80::a9fe:a9fe',
  mapped:
    '::ffff:10.0.0.1 ::ffff:a9fe:a9fe ::FFFF:192.168.0.1 0:0:0:0:0:FFFF:172.16.0.1 ::ffff:0:0 ::ffff:0.0.0.0 ::ffff:1.1.1.1',
  compatible: '::10.0.0.1 ::169.254.169.254 ::192.168.1.1 ::808:808 ::1:1 0::0:1',
  translated: '::ffff:0:10.0.0.1 ::ffff:0:169.254.169.254 ::ffff:0:808:808',
  nat64:
    '64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b::8.8.8.8 64:ff9b:1::10.0.0.1 64:ff9b:1:a9fe:a9:fe00:: 64:ff9b:0:1::1',
  '6to4': '2002:a00:1:: 2002:c0a8:101:: 2002:ac10:1::1 2002:a9fe:a9fe:: 2002:7f00:1::7f00:1 2002:ffff:ffff::',
  teredo: '2001::1 2001:0:a00:1::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:0:ffff:ffff:ffff:ffff:80ff:fffe',
  isatap:
    'fe80::5efe:10.0.0.1 fe80::200:5efe:a00:1 2606:4700::5efe:10.0.0.1 2606:4700:1:2:0:5efe:a9fe:a9fe 2606:4700::200:5efe:7f00:1 2a00::1:0:5efe:808:808',
  assignments:
    '2001:1::1 2001:2::1 2001:3::1 2001:4:112::1 2001:10::1 2001:1f:ffff::1 2001:20::1 2001:30::1 2001:3f:ffff::1 2001:1ff:ffff::1',
  unallocated: '1::1 fff::1 1000::1 1fff::1 4000::1 8000::1 c000::1 e000::1 f000::1 fa00::1',
  'link-and-site': 'fe80::1 fe80:1234::1 febf:ffff::1 fec0::1 feff::1 ff01::1 ff02::1 ff05::1:3 ff0e::1 169.254.1.1',
  zones: 'fe80::1%eth0 fe80::1%25eth0 ::1%1 2606:4700:4700::1111%1 8.8.8.8%eth0',
  'not-an-address':
    '08.8.8.8 8.8.8 8.8 134744072 0x8.8.8.8 010.8.8.8 8.8.8.8. 8.8.8.8/32 8.8.8.256 -1.8.8.8 ８.8.8.8 [2606:4700:4700::1111] 2606:4700:4700:::1111 2606::4700::1 1:2:3:4:5:6:7 12345::1 g::1 localhost',
  'private-within':
    '10.1.2.3 172.20.0.1 172.31.255.254 192.168.178.1 100.64.0.1 100.127.0.1 198.18.0.1 198.19.0.1 240.0.0.1 254.255.255.255 255.255.255.254 224.0.0.251 239.255.255.250 0.0.0.1 127.1.1.1',
};

const ADMITTED_ADDRESSES = {
  public:
    '1.1.1.1 8.8.8.8 9.9.9.9 52.94.76.1 99.255.255.255 100.0.0.1 172.0.0.1 172.64.0.1 192.0.66.1 192.169.1.1 198.17.0.1 203.0.114.1 223.255.255.254',
  'public-v6':
    '2000:: 2001:200::1 2001:470::1 2003::1 2400:cb00::1 2600:1f18::1 2606:4700:4700::1001 2620:fe::fe 2804::1 2a01:4f8::1 2c0f::1 3ffe::1 2606:4700::5efe 2606:4700::1:5efe:a00:1 2606:4700::5eff:a00:1',
};

const REFUSED_URLS = {
  numeric: [
    'https://0177.1/',
    'https://0x7f.0.0.1/',
    'https://0X7F000001/',
    'https://127.1:8443/',
    'https://127.000.000.001/',
    'https://0300.0250.1/',
    'https://192.168.257/',
    'https://10.1/',
    'https://0xa9fea9fe/',
    'https://0251.0376.0251.0376/',
    'https://025177524776/',
    'https://169.254.0xa9fe/',
    'https://0.0.0.0/',
    'https://0x0/',
    'https://000/',
    'https://1684963328.1/',
    'https://999999999999/',
    'https://1e3/',
    'https://0x7f.1/',
    'https://167772161/',
    'https://0x100000000/',
    'https://1.1.1.1.1/',
    'https://1.2.3.256/',
  ],
  'root-dot': [
    'https://127.0.0.1./',
    'https://169.254.169.254./latest',
    'https://localhost./',
    'https://localhost../',
    'https://printer.local./',
    'https://10.1./',
    'https://metadata.google.internal./',
    'https://./',
    'https://../',
    'https://example.com../',
  ],
  ipv6: [
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:a00:1]:8080/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://[64:ff9b:1::1]/',
    'https://[2002:a9fe:a9fe::]/',
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[::7f00:1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::1%25lo]/',
    'https://[::1%lo]/',
    'https://[2606:4700:4700::1111%25eth0]/',
    'https://[v1.a]/',
    'https://[]/',
    'https://[:]/',
    'https://[::1]]/',
    'https://[[::1]]/',
    'https://[::ffff:127.1]/',
    'https://[2606:4700::5efe:a00:1]/',
    'https://[2001:0:a9fe:a9fe::1]/',
    'https://2606:4700:4700::1111/',
  ],
  names: [
    'https://localhost/',
    'https://LOCALHOST/',
    'https://LocalHost:8080/',
    'https://a.b.localhost/',
    'https://app.internal/',
    'https://db.prod.internal/',
    'https://router.home.arpa/',
    'https://1.0.0.127.in-addr.arpa/',
    'https://nas.local/',
    'https://NAS.LOCAL/',
    'https://x.localdomain/',
    'https://gw.lan/',
    'https://wiki.corp/',
    'https://tv.home/',
    'https://smtp.mail/',
    'https://a.intranet/',
    'https://a.private/',
    'https://a.invalid/',
    'https://abc.onion/',
    'https://a.alt/',
    'https://kubernetes/',
    'https://kubernetes.default.svc.cluster.local/',
    'https://metadata/',
    'https://metadata.google.internal/',
    'https://instance-data/',
    'https://instance-data.us-east-2.compute.internal/',
    'https://rancher-metadata.local/',
    'https://host.docker.internal/',
    'https://gateway.docker.internal/',
    'https://ip6-localhost/',
    'https://sandbox/',
  ],
  unicode: [
    'https://①⑥⑨.②⑤④.①⑥⑨.②⑤④/',
    'https://１０.0.0.1/',
    'https://1２7.0.0.1/',
    'https://１２７。０。０。１/',
    'https://０ｘ７ｆ.1/',
    'https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/',
    'https://ｌｏｃａｌｈｏｓｔ/',
    'https://LOCALHOST。/',
    'https://printer.ⓛⓞⓒⓐⓛ/',
    'https://a.ｉｎｔｅｒｎａｌ/',
    'https://127.0.0.1\u00ad/',
    'https://loc\u00adalhost/',
    'https://xn--/',
    'https://xn--a/',
    'https://[：：１]/',
    'https://ex\u0000ample.com/',
    'https://exa\u200dmple.internal/',
  ],
  encoded: [
    'https://%6c%6fcalhost/',
    'https://%31%30.0.0.1/',
    'https://127.0.0.1%2f@example.com/',
    'https://example.com%00.internal/',
    'https://example.com%2f/',
    'https://example.com%40127.0.0.1/',
    'https://example.com%23/',
    'https://%5b::1%5d/',
    'https://%/',
  ],
  authority: [
    'https://:@example.com/',
    'https://@127.0.0.1/',
    'https://x@/',
    'https://a:b@c:d@example.com/',
    'https://example.com:@127.0.0.1/',
    'https://example.com\\.internal/',
    'https://example.com/\\127.0.0.1',
    'https:\\\\127.0.0.1\\',
    'https:/\\127.0.0.1/',
    'https://example.com;@127.0.0.1/',
    'https://127.0.0.1 .example.com/',
    'https://example.com&@127.0.0.1/',
    'https://,/',
    'https://*/',
    'https://*.example.com/',
    'https://$host/',
    "https://a'b.example.com/",
    'https://-_-/',
  ],
  ports: [
    'http://example.com:0/',
    'http://example.com:21/',
    'http://example.com:79/',
    'http://example.com:111/',
    'http://example.com:389/',
    'http://example.com:445/',
    'http://example.com:1023/',
    'http://example.com:2049/',
    'http://example.com:6000/',
    'http://example.com:10080/',
    'http://example.com:99999/',
    'http://example.com:8_0/',
    'http://example.com:80:80/',
    'http://example.com:+80/',
    'http://example.com: 80/',
    'http://example.com:٨٠/',
  ],
  schemes: [
    '',
    ' ',
    'https',
    'https:',
    'https:example.com',
    'http:///',
    'javascript:alert(1)',
    'data:text/plain,x',
    'dict://127.0.0.1:11211/',
    'tftp://example.com/',
    'ssh://example.com/',
    'sftp://example.com/',
    'unix:/var/run/docker.sock',
    'http+unix://x/',
    'jar:https://example.com!/',
    'view-source:https://example.com/',
    'httpss://example.com/',
    'hxxp://example.com/',
    '\u00a0https://example.com/',
    'https ://example.com/',
    'https://\texample.com/',
    '\u0000https://example.com/',
  ],
};

const ADMITTED_URLS = [
  'https://example.com',
  'https://example.com:80/',
  'http://example.com:8080/a?b=c#d',
  'https://1.1.1.1/',
  'https://[2606:4700:4700::1001]:8443/',
  'https://0x08080808/',
  'https://010.8.8.8/',
  'https://EXAMPLE.com./',
  'https://localhost.example.com/',
  'https://internal.example.com/',
  'https://local.dev/',
  'https://xn--d1acufc.xn--p1ai/',
  'https://пример.рф/',
  'https://example.com/?url=http://127.0.0.1/',
  'https://example.com:1024/',
  'https://hooks.test/',
  'https://a-.example.com/',
  'https://1password.com/',
  'https://0x7f.com/',
];

const P = '93.184.216.34';
const P6 = '2606:2800:220:1:248:1893:25c8:1946';
/** Answers of the resolver, and where they differ those of the next question. */
const REFUSED_ANSWERS: readonly (readonly [readonly string[], (readonly string[])?])[] = [
  [[P, '10.0.0.1']],
  [['10.0.0.1', P]],
  [[P, P6, 'fd00::1']],
  [[P, P6, '::ffff:10.0.0.1']],
  [[P6, '127.0.0.1']],
  [[P, '64:ff9b::a00:1']],
  [['fd00:ec2::254']],
  [['100.100.100.200']],
  [['168.63.129.16']],
  [['0.0.0.0']],
  [['::']],
  [['fe80::1%1', P]],
  [[P, '']],
  [[P, 'example.com']],
  [[P, '2606:4700::5efe:a00:1']],
  [[...Array<string>(50).fill(P), '10.0.0.1']],
  [[P], ['169.254.169.254']],
  [[P], ['::1']],
  [[P], [P, '10.0.0.1']],
  [[P6], ['fd00::1']],
];
const ADMITTED_ANSWERS: typeof REFUSED_ANSWERS = [[[P]], [[P6]], [[P, P6]], [['10.0.0.1'], [P]], [[P], ['8.8.8.8']]];

const HOOK = 'https://hooks.example.com/hook';

function listed(texts: Readonly<Record<string, string>>, expect: Vector['expect']): Vector[] {
  return Object.entries(texts).flatMap(([group, text]) =>
    text.split(' ').map((address) => ({ group, address, expect, why: `${group}: ${address}` })),
  );
}

function answered(answers: typeof REFUSED_ANSWERS, expect: Vector['expect']): Vector[] {
  return answers.map(([resolvesTo, thenResolvesTo]) => ({
    group: 'answers',
    url: HOOK,
    resolvesTo,
    ...(thenResolvesTo && { thenResolvesTo }),
    expect,
    why: `answers ${resolvesTo} then ${thenResolvesTo ?? resolvesTo}`,
  }));
}

const OWN: readonly Vector[] = [
  ...RANGES.flatMap(({ first, last, neighbours }): Vector[] => [
    ...[first, last].map((address): Vector => ({ group: 'edges', address, expect: 'reject-at-connect', why: 'edge' })),
    ...neighbours.map((address): Vector => ({ group: 'edges', address, expect: 'allow', why: 'neighbour' })),
  ]),
  ...listed(REFUSED_ADDRESSES, 'reject-at-connect'),
  ...listed(ADMITTED_ADDRESSES, 'allow'),
  ...Object.entries(REFUSED_URLS).flatMap(([group, urls]) =>
    urls.map((url): Vector => ({ group, url, expect: 'reject-at-create', why: group })),
  ),
  ...ADMITTED_URLS.map((url): Vector => ({ group: 'public', url, resolvesTo: [P], expect: 'allow', why: 'public' })),
  ...answered(REFUSED_ANSWERS, 'reject-at-connect'),
  ...answered(ADMITTED_ANSWERS, 'allow'),
];

const SHARED: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../../../shared/spec/ssrf-vectors.json', import.meta.url), 'utf8'),
);

/** All of them. */
export const VECTORS: readonly Vector[] = [...SHARED, ...OWN];

/** What is wrong with a policy's judgement of a vector; undefined where nothing is. */
export function misjudged(
  vector: Vector,
  policy: Pick<DestinationPolicy, 'checkUrl' | 'admitsAddress'>,
): string | undefined {
  const { address, url = '', why, resolvesTo = [], thenResolvesTo = resolvesTo } = vector;
  if (address !== undefined) return policy.admitsAddress(address) === (vector.expect === 'allow') ? undefined : why;
  const isAccepted = policy.checkUrl(url).kind === 'accepted';
  if (isAccepted === (vector.expect === 'reject-at-create')) return `${url}: ${why}`;
  if (!isAccepted) return undefined;
  // Redirects are refused by never being followed: where they point to is not looked at.
  const isAdmitted = vector.expect === 'allow' || vector.group === 'redirect';
  if (resolvesTo.length === 0 && !isAdmitted) return `${url}: a refusal at connect needs an answer`;
  return thenResolvesTo.every(policy.admitsAddress) === isAdmitted ? undefined : `${url}: ${why}`;
}
