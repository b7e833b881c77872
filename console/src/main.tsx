import "./trusted";
import "@cloudscape-design/global-styles/index.css";
import "./style.css";
import I18nProvider from "@cloudscape-design/components/i18n";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { begin } from "./clients";
import { comeBack } from "./session";
import { componentMessages, language, locale } from "./text";
import { applyTheme } from "./theme";

document.documentElement.lang = language;
applyTheme();
comeBack();
begin();

const root = document.getElementById("app");
if (!root) {
  throw new Error("the page has no place for the console");
}
const messages = await componentMessages();
createRoot(root).render(
  <StrictMode>
    <I18nProvider locale={locale} messages={messages}>
      <App />
    </I18nProvider>
  </StrictMode>,
);
