import table from "./table.json";

export const LANGUAGES = { en: "English", de: "Deutsch", ja: "\u65e5\u672c\u8a9e", zh: "\u4e2d\u6587" } as const;
export type Language = keyof typeof LANGUAGES;
export type Key = keyof typeof table;

const ORDER: Language[] = ["en", "de", "ja", "zh"];

function preferred(): Language {
  const kept = localStorage.getItem("signet-language");
  const wanted = [kept, ...navigator.languages].map((name) => name?.slice(0, 2).toLowerCase());
  return (wanted.find((name) => name !== undefined && name in LANGUAGES) as Language | undefined) ?? "en";
}

// Chosen once: another choice loads the page anew.
export const language: Language = preferred();
const column = ORDER.indexOf(language);

export function choose(name: Language): void {
  localStorage.setItem("signet-language", name);
  location.reload();
}

// The text of a key; {name} in it is replaced by that value.
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const text = (table[key] as string[])[column] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

const MESSAGES = {
  en: () => import("@cloudscape-design/components/i18n/messages/all.en"),
  de: () => import("@cloudscape-design/components/i18n/messages/all.de"),
  ja: () => import("@cloudscape-design/components/i18n/messages/all.ja"),
  zh: () => import("@cloudscape-design/components/i18n/messages/all.zh-CN"),
};

export const locale = language === "zh" ? "zh-CN" : language;

// What the components say themselves.
export async function componentMessages() {
  return [(await MESSAGES[language]()).default];
}

export function when(date: Date | undefined): string {
  return date ? new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(date) : "-";
}

export function bytes(size: number | undefined): string {
  if (size === undefined) return "-";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: unit === 0 ? 0 : 1 }).format(value)} ${units[unit]}`;
}
