/** So many rows of a long list are drawn at a time. */
export const PART = 200;
