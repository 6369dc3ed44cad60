// Where the centre answers. A centre of several theatres has each below `/t/<theatre>/`, its console at `/t/<theatre>/console/`: the
// page's own address says under which theatre it was opened, and everything is asked for below that.

/** What stands before `console/` in the address of a page: `/`, or `/t/<theatre>/`. */
export function baseOf(pathname: string): string {
  const at = pathname.indexOf('/console/');
  return at < 0 ? '/' : pathname.slice(0, at + 1);
}

const BASE = baseOf(globalThis.location?.pathname ?? '/');

/** The address of something of this theatre, named from the root: `/api/findings`. */
export function address(path: string): string {
  return BASE + path.replace(/^\//, '');
}

/** The address of one of the console's own files, whole: workers have no page to begin from. */
export function ownFile(path: string): string {
  return new URL(path, document.baseURI).href;
}

/** A name under which a browser keeps something of this theatre alone. */
export function keptUnder(name: string): string {
  return BASE === '/' ? name : `${name} ${BASE}`;
}
