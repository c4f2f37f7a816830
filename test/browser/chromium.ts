import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const PACKAGE = dirname(dirname(require.resolve('@sparticuz/chromium')));
const FONTS = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
/** Beside the package that it is unpacked from: a new version of that comes with a new folder. */
const FOLDER = join(PACKAGE, 'unpacked');

/**
 * A browser that needs nothing of this machine: npm brought it, with the libraries and the fonts that it needs. Pages look the same
 * wherever the tests run.
 */
export async function launchChromium(): Promise<Browser> {
  if (!existsSync(FOLDER)) await unpack();
  // A folder that was moved with its packages says where it was before.
  const conf = join(FOLDER, 'fonts', 'fonts.conf');
  if (readFileSync(conf, 'utf8') !== FONTS_CONF) writeFileSync(conf, FONTS_CONF);
  const { LD_LIBRARY_PATH: before = '', ...env } = process.env;
  return chromium.launch({
    executablePath: join(FOLDER, 'chromium'),
    args: ['--headless=shell', '--no-sandbox', '--no-zygote', '--disable-gpu', '--font-render-hinting=none'],
    env: {
      ...(env as Record<string, string>),
      LD_LIBRARY_PATH: [join(FOLDER, 'al2023', 'lib'), before].filter(Boolean).join(':'),
      FONTCONFIG_PATH: join(FOLDER, 'fonts'),
    },
  });
}

/** Unpacks aside, and then puts it in its place at once: another test file may be about to do the same. */
async function unpack(): Promise<void> {
  const aside = mkdtempSync(`${FOLDER}-`);
  await inflateInto(aside, ['chromium.br', 'fonts.tar.br', 'al2023.tar.br']);
  mkdirSync(join(aside, 'fonts', 'mono'));
  for (const name of ['DejaVuSansMono.ttf', 'DejaVuSansMono-Bold.ttf']) {
    copyFileSync(join(FONTS, name), join(aside, 'fonts', 'mono', name));
  }
  writeFileSync(join(aside, 'fonts', 'fonts.conf'), FONTS_CONF);
  try {
    renameSync(aside, FOLDER);
  } catch (error) {
    rmSync(aside, { recursive: true });
    if (!existsSync(FOLDER)) throw error;
  }
}

/** The package unpacks into the folder for temporary files, as that is named at the time. */
async function inflateInto(folder: string, names: readonly string[]): Promise<void> {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    await Promise.all(names.map((name) => inflate(join(PACKAGE, 'bin', name))));
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>${join(FOLDER, 'fonts')}</dir>
  <cachedir>${join(FOLDER, 'fonts-cache')}</cachedir>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`;
