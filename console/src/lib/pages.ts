// Which pages there are, and for whom: a page that somebody may not see is not offered.

export const PAGES = ['host', 'watch', 'findings', 'compliance', 'handover', 'reports', 'ground', 'mandate', 'procedures', 'talks', 'verify'] as const;
export type PageName = (typeof PAGES)[number];

/** The right that a page takes, in the words of docs/people.md; none for what whoever is known may see. */
const NEEDS: Partial<Record<PageName, string>> = { watch: 'see', findings: 'see', compliance: 'see', handover: 'see', reports: 'see_reports', ground: 'see' };

/** The pages of somebody with these rights, the first of them first. */
export function pagesFor(may: readonly string[], isHost: boolean): PageName[] {
  return PAGES.filter((page) => {
    if (page === 'host') return isHost;
    const right = NEEDS[page];
    return right === undefined || may.includes(right);
  });
}
