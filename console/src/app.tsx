import Alert from "@cloudscape-design/components/alert";
import AppLayoutToolbar from "@cloudscape-design/components/app-layout-toolbar";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import Button from "@cloudscape-design/components/button";
import Flashbar from "@cloudscape-design/components/flashbar";
import Header from "@cloudscape-design/components/header";
import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TopNavigation from "@cloudscape-design/components/top-navigation";
import { Component, lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { begin } from "./clients";
import { link, type Place, usePlace } from "./router";
import { here, lastName, leaveBy, MOST_SESSIONS, nameOf, type Role, type Session, sessionOf, SIGN_IN, SIGN_IN_BESIDE, useSessionState } from "./session";
import { choose, type Key, language, LANGUAGES, type Language, t } from "./text";
import { isDark, setDark } from "./theme";
import { useNotices } from "./ui/notices";
import { Waiting } from "./ui/parts";
import { Problem } from "./ui/problem";

// First part of the place to the page that shows it.
const PAGES = {
  home: lazy(() => import("./pages/home")),
  users: lazy(() => import("./pages/users")),
  groups: lazy(() => import("./pages/groups")),
  roles: lazy(() => import("./pages/roles")),
  policies: lazy(() => import("./pages/policies")),
  security: lazy(() => import("./pages/security")),
  audit: lazy(() => import("./pages/audit")),
  organization: lazy(() => import("./pages/organization")),
  sessions: lazy(() => import("./pages/sessions")),
  settings: lazy(() => import("./pages/settings")),
  matrix: lazy(() => import("./pages/matrix")),
  becoming: lazy(() => import("./pages/becoming")),
  providers: lazy(() => import("./pages/providers")),
  report: lazy(() => import("./pages/report")),
  denied: lazy(() => import("./pages/denied")),
  simulator: lazy(() => import("./pages/simulator")),
  buckets: lazy(() => import("./pages/buckets")),
  federation: lazy(() => import("./pages/federation")),
};

type PageName = keyof typeof PAGES;

const SECTIONS: { text: Key; pages: PageName[] }[] = [
  { text: "sectionAccess", pages: ["users", "groups", "roles", "policies", "providers", "organization", "settings"] },
  { text: "sectionUnderstand", pages: ["denied", "simulator", "matrix", "becoming", "audit", "sessions", "report"] },
  { text: "sectionStorage", pages: ["buckets"] },
  { text: "sectionYou", pages: ["security", "federation"] },
];

const TITLES: Record<PageName, Key> = {
  home: "home",
  users: "users",
  groups: "groups",
  roles: "roles",
  policies: "policies",
  security: "security",
  sessions: "sessions",
  audit: "audit",
  organization: "organization",
  settings: "settings",
  matrix: "matrix",
  becoming: "becoming",
  providers: "providers",
  report: "report",
  denied: "whyDeniedPage",
  simulator: "simulator",
  buckets: "buckets",
  federation: "federation",
};

function pageOf(place: Place): PageName | undefined {
  const name = place.path[0] ?? "home";
  return name in PAGES ? (name as PageName) : undefined;
}

// The way here: the list, the entry, the folders of a bucket.
function crumbs({ path, params }: Place, name: PageName): { text: string; href: string }[] {
  const items = [{ text: t(TITLES[name]), href: link([name]) }];
  const entry = path[1];
  if (entry !== undefined) items.push({ text: name === "policies" ? lastName(entry) : entry, href: link([name, entry]) });
  const folders = (params.get("prefix") ?? "").split("/").filter(Boolean);
  for (const [index, text] of folders.entries()) {
    items.push({ text, href: link(path, { prefix: `${folders.slice(0, index + 1).join("/")}/` }) });
  }
  return name === "home" ? items : [{ text: t("home"), href: link(["home"]) }, ...items];
}

function navigation(): SideNavigationProps.Item[] {
  const items = (pages: PageName[]) => pages.map((name) => ({ type: "link" as const, text: t(TITLES[name]), href: link([name]) }));
  return [
    { type: "link", text: t("home"), href: link(["home"]) },
    ...SECTIONS.map(({ text, pages }) => ({ type: "section" as const, text: t(text), items: items(pages) })),
  ];
}

function Top({ session }: { session: Session | undefined }) {
  const [dark, setIt] = useState(isDark());
  const person = session && {
    type: "menu-dropdown" as const,
    text: nameOf(session.arn),
    description: `${session.account} - ${session.arn}`,
    iconName: "user-profile" as const,
    items: [
      { id: "security", text: t("security"), href: link(["security"]) },
      ...(session.canSwitchRole ? [{ id: "switch", text: t("switchRole"), href: here("/_console/switchrole") }] : []),
      ...(session.role ? [{ id: "exit", text: t("backTo", { who: lastName(session.role.original) }) }] : []),
      ...session.others.map(({ arn, place }) => ({ id: place, text: t("goOnAs", { who: nameOf(arn) }), href: place })),
      ...(session.others.length + 1 < MOST_SESSIONS ? [{ id: "beside", text: t("addSession"), href: SIGN_IN_BESIDE }] : []),
      { id: "signout", text: t("signOut") },
      ...(session.others.length > 0 ? [{ id: "signoutAll", text: t("signOutAll") }] : []),
    ],
    onItemClick: ({ detail }: { detail: { id: string } }) => {
      if (detail.id === "signout") leaveBy(here("/_console/signout"));
      if (detail.id === "signoutAll") leaveBy("/_console/signout?session=all");
      if (detail.id === "exit") leaveBy(here("/_console/exitrole"));
    },
  };
  return (
    <TopNavigation
      identity={{ href: link(["home"]), title: "Signet" }}
      i18nStrings={{ overflowMenuTriggerText: t("more"), overflowMenuTitleText: t("more") }}
      utilities={[
        {
          type: "menu-dropdown",
          iconName: "globe",
          ariaLabel: t("language"),
          title: t("language"),
          items: Object.entries(LANGUAGES).map(([id, text]) => ({ id, text, itemType: "checkbox" as const, checked: id === language })),
          onItemClick: ({ detail }) => choose(detail.id as Language),
        },
        {
          type: "button",
          text: dark ? t("light") : t("dark"),
          onClick: () => {
            setDark(!dark);
            setIt(!dark);
          },
        },
        ...(person ? [person] : []),
      ]}
    />
  );
}

// That a role is acted as, in its color, and the way back.
function RoleBar({ role }: { role: Role }) {
  const color = /^[0-9a-fA-F]{6}$/.test(role.color) ? { ["--role-color" as string]: `#${role.color}` } : undefined;
  return (
    <div className="role-bar" style={color} data-testid="role-bar">
      <span>
        {t("actingAs")} <b>{role.name}</b>
      </span>
      <button type="button" onClick={() => leaveBy(here("/_console/exitrole"))}>
        {t("backTo", { who: lastName(role.original) })}
      </button>
    </div>
  );
}

// A page that breaks says so, and the others stay.
class Guard extends Component<{ children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {};

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error === undefined ? this.props.children : <Problem error={this.state.error} reload={() => location.reload()} />;
  }
}

// What stands where a page would.
function Instead({ title, children }: { title: string; children: ReactNode }) {
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{title}</Header>
      {children}
    </SpaceBetween>
  );
}

// The session is over while a page is open: what was written there waits, out of sight, for whoever signs in again in another tab.
function Ended({ waits }: { waits: boolean }) {
  const [asked, ask] = useState(false);
  return (
    <Instead title={t("sessionEnded")}>
      <Alert
        type="info"
        action={
          <SpaceBetween direction="horizontal" size="xs">
            <Button href={SIGN_IN} target={waits ? "_blank" : undefined} onFollow={() => ask(true)}>
              {t("signInAgain")}
            </Button>
            {waits && (
              <Button variant="primary" disabled={!asked} onClick={begin}>
                {t("goOn")}
              </Button>
            )}
          </SpaceBetween>
        }
      >
        {t("sessionEndedText")} {waits && t("sessionEndedWaits")}
      </Alert>
    </Instead>
  );
}

function PageOf({ place }: { place: Place }) {
  const name = pageOf(place);
  if (!name) {
    return (
      <Instead title={t("noSuchPage")}>
        <Alert type="warning" action={<Button href={link(["home"])}>{t("home")}</Button>}>
          {t("noSuchPageText")}
        </Alert>
      </Instead>
    );
  }
  const Page = PAGES[name];
  return (
    <Guard key={link(place.path, Object.fromEntries(place.params))}>
      <Suspense fallback={<Waiting />}>
        <Page />
      </Suspense>
    </Guard>
  );
}

function Content({ place }: { place: Place }) {
  const state = useSessionState();
  if (state.kind === "starting") {
    return <Waiting />;
  }
  if (state.kind === "failed") {
    return (
      <Instead title={t("failed")}>
        <Problem error={state.error} reload={() => location.reload()} />
      </Instead>
    );
  }
  const session = sessionOf(state);
  const ended = state.kind === "ended";
  return (
    <>
      {ended && <Ended waits={session !== undefined} />}
      {session && (
        <div key={session.arn} hidden={ended}>
          <PageOf place={place} />
        </div>
      )}
    </>
  );
}

export function App() {
  const place = usePlace();
  const state = useSessionState();
  const session = state.kind === "open" ? state.session : undefined;
  const notices = useNotices();
  const [open, setOpen] = useState(window.innerWidth > 900);
  const name = pageOf(place);
  useEffect(() => {
    document.documentElement.dataset.place = location.hash; // what is shown, for who waits for it
  }, [place]);
  document.title = `${name ? t(TITLES[name]) : t("noSuchPage")} - Signet`;
  return (
    <>
      <div id="top">
        <Top session={session} />
        {session?.role && <RoleBar role={session.role} />}
      </div>
      <AppLayoutToolbar
        headerSelector="#top"
        toolsHide
        navigationHide={state.kind === "ended"}
        maxContentWidth={1400}
        navigationOpen={open}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        navigation={
          <SideNavigation
            header={{ text: t("console"), href: link(["home"]) }}
            activeHref={link([name ?? "home"])}
            items={navigation()}
            onFollow={() => window.innerWidth <= 900 && setOpen(false)}
          />
        }
        breadcrumbs={name && state.kind !== "ended" && <BreadcrumbGroup ariaLabel={t("breadcrumbs")} items={crumbs(place, name)} />}
        notifications={<Flashbar items={notices} stackItems />}
        ariaLabels={{
          navigation: t("navigation"),
          navigationClose: t("close"),
          navigationToggle: t("navigation"),
          notifications: t("notices"),
        }}
        content={<Content place={place} />}
      />
    </>
  );
}
