import { applyMode, Mode } from "@cloudscape-design/global-styles";

const KEY = "signet-theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");

export function isDark(): boolean {
  const kept = localStorage.getItem(KEY);
  return kept ? kept === "dark" : system.matches;
}

export function applyTheme(): void {
  applyMode(isDark() ? Mode.Dark : Mode.Light);
}

export function setDark(dark: boolean): void {
  localStorage.setItem(KEY, dark ? "dark" : "light");
  applyTheme();
}

system.addEventListener("change", applyTheme);
