// Sign-in: authorization code with PKCE at the pool's own page. Tokens are in memory only. A reload, or a session that has
// ended, goes to the sign-in page and comes back to where one was.
import { poolOf, pools, type PoolName } from "./config";

interface Session {
  pool: PoolName;
  idToken: string;
  refreshToken: string | undefined;
  expiresAt: number;
  userId: string;
  groups: string[];
}

/** What must survive the way to the sign-in page and back. None of it lets anybody in. */
interface Attempt { pool: PoolName; verifier: string; nonce: string; returnTo: string }

/** Somebody has to sign in before this goes on. */
export class SignInNeeded extends Error {}

const LEFT = "signed-out";
const EARLY_MS = 60_000;
let session: Session | null = null;
let renewal: Promise<void> | null = null;

export const isSignedIn = (): boolean => session !== null;
export const userId = (): string => session?.userId ?? "";
/** The sellers whose staff the person is. */
export const staffOf = (): string[] =>
  (session?.groups ?? []).filter((group) => group.startsWith("seller:")).map((group) => group.slice("seller:".length));
export const hasSignedOut = (): boolean => sessionStorage.getItem(LEFT) !== null;

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function claimsOf(token: string): Record<string, unknown> {
  const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(part), (char) => char.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

/** Go to the sign-in page, and come back to `returnTo`, a path of ours. */
export async function signIn(returnTo: string): Promise<void> {
  const name = poolOf(returnTo);
  const pool = pools[name];
  const attempt: Attempt = { pool: name, verifier: random(), nonce: random(), returnTo };
  const state = random();
  sessionStorage.removeItem(LEFT);
  sessionStorage.setItem(`sign-in:${state}`, JSON.stringify(attempt));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(attempt.verifier));
  const query = new URLSearchParams({
    response_type: "code",
    client_id: pool.client_id,
    redirect_uri: pool.callback,
    scope: "openid",
    state,
    nonce: attempt.nonce,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
    ...(pool.provider ? { identity_provider: pool.provider } : {}),
  });
  location.assign(`${pool.domain}/oauth2/authorize?${query}`);
}

/** Whether this is the address to which the sign-in page sends people back. */
export function isCallback(url: URL): boolean {
  return Object.values(pools).some((pool) => pool.callback === url.origin + url.pathname);
}

/** Take the code of the sign-in page's answer; the path to go on at. Throws where the answer is not to our question. */
export async function finishSignIn(url: URL): Promise<string> {
  const state = url.searchParams.get("state") ?? "";
  const kept = sessionStorage.getItem(`sign-in:${state}`);
  sessionStorage.removeItem(`sign-in:${state}`);
  const code = url.searchParams.get("code");
  if (kept === null || code === null) throw new SignInNeeded(url.searchParams.get("error") ?? "state");
  const attempt = JSON.parse(kept) as Attempt;
  const pool = pools[attempt.pool];
  await takeTokens(attempt.pool, {
    grant_type: "authorization_code",
    code,
    redirect_uri: pool.callback,
    code_verifier: attempt.verifier,
  }, attempt.nonce);
  return attempt.returnTo;
}

async function takeTokens(name: PoolName, fields: Record<string, string>, nonce?: string): Promise<void> {
  const pool = pools[name];
  const answer = await fetch(`${pool.domain}/oauth2/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ client_id: pool.client_id, ...fields }),
  });
  if (!answer.ok) throw new SignInNeeded("token");
  const tokens = (await answer.json()) as { id_token: string; refresh_token?: string };
  const claims = claimsOf(tokens.id_token);
  if (claims.aud !== pool.client_id || (nonce !== undefined && claims.nonce !== nonce)) throw new SignInNeeded("nonce");
  session = {
    pool: name,
    idToken: tokens.id_token,
    refreshToken: tokens.refresh_token ?? session?.refreshToken,
    expiresAt: Number(claims.exp) * 1000,
    userId: String(claims["custom:user_id"] ?? claims.sub),
    groups: Array.isArray(claims["cognito:groups"]) ? claims["cognito:groups"].map(String) : [],
  };
}

/** The token for a call from this path, renewed where it is about to end. SignInNeeded where nobody is signed in. */
export async function bearer(path: string): Promise<string> {
  if (session === null || session.pool !== poolOf(path)) throw new SignInNeeded("none");
  if (session.expiresAt - EARLY_MS < Date.now()) await renew();
  return session.idToken;
}

/** New tokens for old ones; once, however many calls ask for it. */
export async function renew(): Promise<void> {
  renewal ??= renewed().finally(() => { renewal = null; });
  await renewal;
}

async function renewed(): Promise<void> {
  const { pool, refreshToken } = session ?? {};
  if (pool === undefined || refreshToken === undefined) throw new SignInNeeded("none");
  await takeTokens(pool, { grant_type: "refresh_token", refresh_token: refreshToken });
}

/** Forget the tokens and everything that was typed, and end the session at the sign-in page too. */
export function signOut(path: string): void {
  const pool = pools[poolOf(path)];
  session = null;
  sessionStorage.clear();
  sessionStorage.setItem(LEFT, "yes");
  location.assign(`${pool.domain}/logout?${new URLSearchParams({ client_id: pool.client_id, logout_uri: pool.home })}`);
}
