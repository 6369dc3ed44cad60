// One centre for all browser tests: `truceline demo` takes its time on a slow machine.

import type { TestProject } from 'vitest/node';
import { Centre } from './centre';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where it answers, and its folder. */
    url: string;
    dir: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const centre = await Centre.demo();
  project.provide('url', centre.url);
  project.provide('dir', centre.dir);
  return () => centre.remove();
}
