import { publicRoute, type Route, type RouteDeps } from '../api/route.ts';
import { pagePolicy } from '../security-headers.ts';
import { openApiDocument } from './document.ts';
import { documentPage } from './page.ts';
import { STYLE } from './style.ts';

/** The routes of the document of other routes: for programs, and for people. */
export function documentRoutes(
  { addressing }: Pick<RouteDeps, 'addressing'>,
  routes: readonly Route[],
): readonly Route[] {
  const json = publicRoute(
    { addressing },
    {
      name: 'showDocument',
      group: 'Document',
      method: 'GET',
      path: '/openapi.json',
      access: 'everyone',
      summary: 'The REST API as an OpenAPI 3.1 document.',
      answer: { status: 200, description: 'The document.' },
      handle: async ({ context, base }) => context.json(openApiDocument(routes, base)),
    },
  );
  const page = publicRoute(
    { addressing },
    {
      name: 'readDocument',
      group: 'Document',
      method: 'GET',
      path: '/docs',
      access: 'everyone',
      summary: 'The same as a page to read.',
      answer: { status: 200, description: 'The page.' },
      async handle({ context, base }) {
        context.header('content-security-policy', pagePolicy(STYLE));
        return context.html(documentPage(openApiDocument(routes, base)));
      },
    },
  );
  return [json, page];
}
