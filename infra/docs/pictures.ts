import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** `npm run pictures`, second half: puts what the test took into the documentation. */
const FROM = join('test', 'browser', 'screenshots', 'docs');
const TO = join('docs', 'images');

mkdirSync(TO, { recursive: true });
for (const name of readdirSync(FROM)) copyFileSync(join(FROM, name), join(TO, name));
