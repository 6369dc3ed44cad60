// The languages of the console, each by its own name.

export const LANGUAGES = {
  en: 'English',
  az: 'Azərbaycanca',
  hy: 'Հայերեն',
  ru: 'Русский',
  tr: 'Türkçe',
  ar: 'العربية',
} as const;
export type Language = keyof typeof LANGUAGES;
