// Where in the console somebody is: `#/findings/F-1234?lang=…`. The part after `#` never reaches the server, so a page can be loaded
// anew anywhere.

export interface Route {
  /** The page's name; empty where the address names none. */
  page: string;
  /** What it is about. */
  id: string | null;
  query: URLSearchParams;
}

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [page = '', id] = path.split('/').map(decodeURIComponent);
  return { page, id: id ?? null, query: new URLSearchParams(query) };
}

let current = $state.raw<Route>(parse(location.hash));
addEventListener('hashchange', () => {
  current = parse(location.hash);
});

export function route(): Route {
  return current;
}

/** The address of a page. */
export function to(page: string, id?: string, query?: Record<string, string>): string {
  const path = id === undefined ? page : `${page}/${encodeURIComponent(id)}`;
  const asked = query ? `?${new URLSearchParams(query).toString()}` : '';
  return `#/${path}${asked}`;
}

export function go(page: string, id?: string, query?: Record<string, string>): void {
  location.hash = to(page, id, query);
}
