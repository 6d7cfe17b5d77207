// What all forms of actions share: what it means, the fields, one button that sends once, and what went wrong.
import type { ComponentChildren, JSX } from "preact";
import type { ActionDocument } from "../api/types";
import type { View } from "../context";
import { ACTIONS } from "../enums";
import { useSending } from "../sending";
import { t, wordOf } from "../words";
import { Button, Dialog, Problem } from "../parts/ui";

export interface FormProps { action: ActionDocument; view: View; onClose: () => void }

interface AskingProps extends FormProps {
  /** What this means and costs, before it is sent. */
  meaning?: string;
  /** The request's body; an Error where what was typed cannot be sent. */
  body?: () => object | Error;
  /** Forget the draft once it is sent. */
  onSent?: () => void;
  /** For what cannot be undone: refused where the case is no longer the one on the page. */
  bound?: boolean;
  button?: string;
  children?: ComponentChildren;
}

export function Asking(props: AskingProps): JSX.Element {
  const { action, view, onClose } = props;
  const sending = useSending(view.reload);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const body = props.body?.() ?? (action.method === "DELETE" ? undefined : {});
    if (body instanceof Error) {
      sending.fail(body);
      return;
    }
    if (await sending.send(action.method, action.href, body, props.bound ? view.etag : null)) {
      props.onSent?.();
      await view.reload();
      onClose();
    }
  }
  const name = wordOf(ACTIONS, action.action);
  return (
    <Dialog title={name} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        {props.meaning === undefined ? null : <p class="meaning">{props.meaning}</p>}
        {props.children}
        <Problem error={sending.error} />
        <div class="buttons">
          <Button kind={["CANCEL", "WITHDRAW_EVIDENCE"].includes(action.action) ? "danger" : "main"} type="submit" disabled={sending.busy}>{props.button ?? name}</Button>
          <Button onClick={onClose}>{t("Not now")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
