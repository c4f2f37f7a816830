/** A module of fauxqs that it does not export: what is done with it is of the one version that we pin. */
export function moduleOfFauxqs(path: string): Promise<unknown> {
  return import(new URL(path, import.meta.resolve('fauxqs')).href);
}

export function fauxqsHasChanged(what: string): Error {
  return new Error(`fauxqs has changed: see whether it ${what} by itself now, and drop this`);
}
