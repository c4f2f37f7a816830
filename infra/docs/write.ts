/** Writes the documents that are made of the code: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { eventsDocument } from './events.ts';

writeFileSync(new URL('../../docs/events.md', import.meta.url), eventsDocument());
