// The shell: who is signed in, which page an address means, the language, and what stands around every page.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { finishSignIn, hasSignedOut, isCallback, isSignedIn, signIn, signOut } from "./auth";
import { areas, poolOf, type Area } from "./config";
import { useLoad } from "./loading";
import { CasePage } from "./pages/case";
import { CasesPage } from "./pages/cases";
import { followLinks, navigate, usePath, useTitle } from "./router";
import { Shown } from "./parts/shown";
import { Button } from "./parts/ui";
import { chooseLanguage, language, LANGUAGES, t } from "./words";

type Routes = [RegExp, (id: string) => JSX.Element][];

// An address and its page: the first that fits.
const ROUTES: Routes = [
  [/^\/$/, () => <CasesPage />],
  [/^\/disputes\/([\w.:-]+)\/?$/, (id) => <CasePage id={id} key={id} />],
  [/^(\/orders\/.*)$/, (path) => <AreaPage area="order" path={path} />],
  [/^(\/desk(?:\/.*)?)$/, (path) => <AreaPage area="desk" path={path} />],
  [/^(\/operations(?:\/.*)?)$/, (path) => <AreaPage area="operations" path={path} />],
];

/** The pages of an area are a script of their own, which nobody else loads. */
function AreaPage({ area, path }: { area: Area; path: string }): JSX.Element {
  const loaded = useLoad(area, async () => (await import(areas[area].script) as { ROUTES: Routes }).ROUTES);
  return <Shown loaded={loaded}>{(routes) => pageAt(path, routes)}</Shown>;
}

function pageAt(path: string, routes: Routes): JSX.Element {
  for (const [pattern, page] of routes) {
    const found = pattern.exec(path);
    if (found !== null) return page(found[1] ?? "");
  }
  return <NotFound />;
}

function NotFound(): JSX.Element {
  useTitle(t("Not found"), t("Buyer Protection"));
  return (
    <section class="card">
      <h1>{t("Not found")}</h1>
      <p>{t("There is no page at this address.")}</p>
      <p><a href="/">{t("My cases")}</a></p>
    </section>
  );
}

/** Where somebody begins who is at that path. */
const homeOf = (path: string): string => (poolOf(path) === "team" ? "/desk" : "/");

export function App(): JSX.Element {
  const path = usePath();
  // Words are drawn anew in another language; what is typed stays, since nothing is mounted anew.
  const [, setLanguage] = useState(language());
  return (
    <div onClick={followLinks} class={poolOf(path) === "team" ? "all team" : "all"}>
      <a class="skip" href="#main">{t("Skip to the content")}</a>
      <header>
        <a class="brand" href={homeOf(path)}>{t("Buyer Protection")}</a>
        <nav aria-label={t("Settings")}>
          <Languages onChosen={setLanguage} />
          {isSignedIn() ? <Button onClick={() => signOut(location.pathname)}>{t("Sign out")}</Button> : null}
        </nav>
      </header>
      <main id="main" tabIndex={-1}><Gate path={path} /></main>
      <footer><p>{t("We never ask for your password or for a payment here.")}</p></footer>
    </div>
  );
}

function Languages(props: { onChosen: (tag: string) => void }): JSX.Element {
  return (
    <select
      aria-label={t("Language")} value={language()}
      onChange={(event) => void chooseLanguage(event.currentTarget.value).then(() => props.onChosen(language()))}
    >
      {Object.entries(LANGUAGES).map(([tag, name]) => <option value={tag} lang={tag} key={tag}>{name}</option>)}
    </select>
  );
}

/** The page for whoever is signed in; the way there for everybody else. */
function Gate({ path }: { path: string }): JSX.Element {
  const [failed, setFailed] = useState(false);
  const url = new URL(location.href);
  const isBack = isCallback(url);
  const mustSignIn = !isSignedIn() && !isBack && !hasSignedOut();
  useEffect(() => {
    if (isBack) finishSignIn(url).then((back) => { history.replaceState(null, "", "/"); navigate(back); }, () => setFailed(true));
    else if (mustSignIn) void signIn(path);
  }, [path]);
  if (isSignedIn() && !isBack) return pageAt(path, ROUTES);
  if (failed) return <Welcome title={t("Signing in did not work")} path="/" />;
  if (isBack || mustSignIn) return <p class="loading" role="status">{t("Signing you in …")}</p>;
  return <Welcome title={t("You are signed out")} path={path} />;
}

function Welcome({ title, path }: { title: string; path: string }): JSX.Element {
  return (
    <section class="card">
      <h1>{title}</h1>
      <p>{t("Sign in to see your cases.")}</p>
      <Button kind="main" onClick={() => void signIn(path)}>{t("Sign in")}</Button>
    </section>
  );
}
