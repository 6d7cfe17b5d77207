// The contract's documents as the pages use them. Members that a stage may not answer yet are optional: the page does
// without them.
import type {
  ActionDocument, ActorDocument, DisputeDocument, EligibilityDocument, EvidenceDocument, EvidenceFileDocument, GuideLineDocument,
  MessageDocument, MoneyDocument, OfferDocument, OrderDocument, OutcomeDocument, Problem, Role, TimelineDocument,
} from "./schema";

export type {
  Action, ActionDocument, ActorDocument, CaseItemDocument, ClaimReason, DecisionReason, EligibilityDocument, EventType,
  EvidenceDocument, EvidenceFileDocument, EvidenceStatus, EvidenceType, FileRefusal, FileStatus, GuideLineDocument, IfMissed,
  MediaType, MessageDocument, MoneyDocument, NoticeCode, OfferDocument, OfferStatus, OfferType, OrderDocument, OutcomeCode,
  OutcomeDocument, Problem, Reason, RefundProgress, ReturnCondition, Role, Status, SubReason, TimelineDocument, TrackingStatus,
  UploadDocument, Weight,
} from "./schema";

interface Person { id: string; display_name: string }

/** A dispute, with what newer stages add. */
export type Dispute = DisputeDocument & {
  viewer?: { role: Role };
  as_of?: string;
  buyer?: Person;
  seller?: Person;
  unread_messages?: number;
  settlement?: OutcomeDocument | null;
  limits?: { offers_left?: number; evidence_left?: number };
};

/** What a list has of a dispute: newer stages answer less than the whole document. */
export type Summary = Pick<
  Dispute, "dispute_id" | "order_id" | "buyer_id" | "seller_id" | "reason" | "status" | "stage" | "party_state" | "requested_refund"
> & Partial<Dispute> & { due_at?: string | null };

/** Everything that the page of a case shows. */
export interface Case {
  dispute: Dispute;
  offers: OfferDocument[];
  evidence: EvidenceDocument[];
  messages: MessageDocument[];
  timeline: TimelineDocument[];
  guide: GuideLineDocument[];
}

export interface Page<Item> { items: Item[]; next_page_token?: string }
export type Documents = {
  action: ActionDocument; actor: ActorDocument; file: EvidenceFileDocument; money: MoneyDocument; order: OrderDocument;
  eligibility: EligibilityDocument; problem: Problem;
};
