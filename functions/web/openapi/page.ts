import type { OpenApiDocument } from './objects.ts';
export function documentPage(document: OpenApiDocument): string {
  return document.info.title;
}
