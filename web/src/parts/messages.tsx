// The thread of both sides and the team: what is new is marked, what is typed is kept.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { call, newKey } from "../api/client";
import type { MessageDocument } from "../api/types";
import { nameOf, openAction, type View } from "../context";
import { useDraft } from "../drafts";
import { useEarlier } from "../earlier";
import { ROLES } from "../enums";
import { useSending } from "../sending";
import { actionsOf } from "../situation";
import { briefly } from "../time";
import { n, t, wordOf } from "../words";
import { Button, Card, Problem, Said, TextArea } from "./ui";

const LONGEST = 2_000;

export function Messages({ view }: { view: View }): JSX.Element {
  const { dispute } = view.value;
  const { items: messages, more, error } = useEarlier(dispute.dispute_id, "messages", view.value.messages, (one) => one.message_id);
  const list = useRef<HTMLOListElement>(null);
  const unread = useUnread(view, list);
  const action = openAction(actionsOf(dispute).open, "SEND_MESSAGE");
  return (
    <Card title={t("Messages")} id="messages">
      {unread.size > 0 ? <p class="badge turn">{n("%(count)s new message", "%(count)s new messages", unread.size)}</p> : null}
      {messages.length === 0 ? <p class="hint">{t("Nobody has written.")}</p> : null}
      <Problem error={error} />
      {more === null ? null : <Button onClick={more}>{t("Show earlier ones")}</Button>}
      <ol class="thread" ref={list}>
        {messages.map((one) => <Message key={one.message_id} message={one} view={view} isNew={unread.has(one.message_id)} />)}
      </ol>
      {action === undefined ? null : <Compose href={action.href} view={view} />}
    </Card>
  );
}

function Message(props: { message: MessageDocument; view: View; isNew: boolean }): JSX.Element {
  const { message, view } = props;
  const isMine = message.sender === view.reader;
  return (
    <li class={isMine ? "mine" : "theirs"}>
      <p class="by">{isMine ? t("You") : <Sender message={message} view={view} />} · {briefly(message.sent_at)}{props.isNew ? ` · ${t("new")}` : ""}</p>
      <Said text={message.text} />
    </li>
  );
}

function Sender({ message, view }: { message: MessageDocument; view: View }): JSX.Element {
  const name = nameOf(view.value.dispute, message.sender);
  return <>{wordOf(ROLES, message.sender)}{name === "" ? null : <>{" "}<bdi dir="auto">{name}</bdi></>}</>;
}

/** Those that were unread at some time since the page was opened, until the reader writes; says that they are read once
 * they have been on the screen. */
function useUnread(view: View, list: { current: HTMLElement | null }): Set<string> {
  const { dispute, messages } = view.value;
  const unread = useRef(new Set<string>());
  const said = useRef("");
  const last = messages.items.at(-1);
  if (last?.sender === view.reader) unread.current.clear();
  const count = dispute.unread_messages ?? 0;
  for (const one of count === 0 ? [] : messages.items.slice(-count)) unread.current.add(one.message_id);
  useEffect(() => {
    const thread = list.current;
    // Reading is noted of the parties only.
    if (last === undefined || [last.sender, "CASE_MANAGER"].includes(view.reader) || said.current === last.message_id || thread === null) return undefined;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((one) => one.isIntersecting) || said.current === last.message_id) return;
      said.current = last.message_id;
      const href = `/v1/disputes/${encodeURIComponent(dispute.dispute_id)}/messages/read`;
      // Whoever misses this gets no mail about the next message; nothing else depends on it.
      call("POST", href, { body: { up_to: last.message_id }, key: newKey() }).catch(() => undefined);
    });
    observer.observe(thread.lastElementChild ?? thread);
    return () => observer.disconnect();
  }, [last?.message_id]);
  return unread.current;
}

function Compose({ href, view }: { href: string; view: View }): JSX.Element {
  const [draft, change, clear] = useDraft(`${view.value.dispute.dispute_id}/message`, { text: "" });
  const sending = useSending(view.reload);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (await sending.send("POST", href, { text: draft.text })) {
      clear();
      await view.reload();
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <TextArea
        label={t("Your message")} max={LONGEST} required value={draft.text} onInput={(text) => change({ text })}
        hint={view.reader === "CASE_MANAGER"
          ? t("Both sides can read it.") : t("The other side and the team can read it. Share no passwords and no card numbers.")}
      />
      <Problem error={sending.error} />
      <Button type="submit" disabled={sending.busy}>{t("Send the message")}</Button>
    </form>
  );
}
