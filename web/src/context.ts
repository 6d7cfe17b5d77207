// What every part of the page of a case needs.
import type { Action, ActionDocument, Case, Role } from "./api/types";

export interface View {
  value: Case;
  reader: Role;
  etag: string | null;
  /** Read everything anew. */
  reload: () => Promise<void>;
  /** Open the form of an action. */
  start: (action: ActionDocument) => void;
}

/** The action of that name, where it is open now; `about` is a part of its link, such as an offer's id. */
export function openAction(open: ActionDocument[], action: Action, about = ""): ActionDocument | undefined {
  return open.find((one) => one.action === action && one.href.includes(about));
}
