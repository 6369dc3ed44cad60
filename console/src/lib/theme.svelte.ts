// Night or day. Night first: a watch room is dark.

export type Theme = 'night' | 'day';
const KEPT_IN = 'truceline.theme';

const kept: Theme = localStorage.getItem(KEPT_IN) === 'day' ? 'day' : 'night';
let current = $state<Theme>(kept);
document.documentElement.dataset['theme'] = kept;

export function theme(): Theme {
  return current;
}

export function setTheme(next: Theme): void {
  current = next;
  document.documentElement.dataset['theme'] = next;
  localStorage.setItem(KEPT_IN, next);
}
