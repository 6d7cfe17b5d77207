// What every part of the page of a claim needs.
import type { Action, ActionDocument } from "../api/types";
import type { View } from "../context";
import { isAhead } from "../time";
import type { Claim } from "./reads";

/** The decision as far as it has been made; `cited` are ids of evidence. */
export interface Draft { outcome: string; amount: string; returned: boolean; reasons: string[]; rationale: string; cited: string[] }
export const NO_DRAFT: Draft = { outcome: "", amount: "", returned: false, reasons: [], rationale: "", cited: [] };

export interface Desk {
  claim: Claim;
  view: View;
  isMine: boolean;
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  clear: () => void;
}

/** The action of that name, where it is open now. Those of the team are open after their date too: a late decision is made. */
export const openNow = ({ claim }: Desk, action: Action): ActionDocument | undefined =>
  claim.page.dispute.available_actions.find((one) => one.action === action && !isAhead(one.available_from));
