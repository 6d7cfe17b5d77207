// What every part of the page of a case needs.
import type { Action, ActionDocument, CasePageDocument, Dispute, Role, SideGuideDocument } from "./api/types";

export interface View {
  value: CasePageDocument;
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

/** What a party is called; nobody of the team or the system has a name here. */
export const nameOf = (dispute: Dispute, role: string): string =>
  role === "BUYER" ? dispute.buyer.display_name : role === "SELLER" ? dispute.seller.display_name : "";

/** What helps the reader's side as evidence. */
export const guideOf = ({ value, reader }: View): SideGuideDocument["lines"] =>
  value.guide.find((side) => side.party === reader)?.lines ?? [];
