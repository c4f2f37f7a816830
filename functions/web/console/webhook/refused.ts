import { RefusalError } from '../../../domain/errors.ts';
import type { Visit } from '../pages.ts';

/** Does what a form asks for; where that is refused because of how things stand, the page that the form was on says so. */
export async function refusedAsFlash(visit: Visit, back: string, act: () => Promise<Response>): Promise<Response> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof RefusalError) || error.code !== 'conflict') throw error;
    return visit.goTo(back, { kind: 'refused', text: `${error.message}.` });
  }
}
