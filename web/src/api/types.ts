// The contract's documents as the pages use them. An answer's enumerations are open: a known value, for which the pages
// have words, or a text of a newer API.
import type {
  CasePageDocument, DisputeDocument, DisputeSummary, KnownRole, MakeOfferProblem409, OpenDisputeProblem409, ProblemValidationFailed,
  TimelineDocument, UnreadableDispute,
} from "./schema";

export type {
  ActionDocument, ActorDocument, AllowedDocument, CaseItemDocument, CasePageDocument, DisputeSummary, EligibilityDocument, EvidenceDocument, EvidenceFileDocument,
  GuideLineDocument, KnownAction as Action, KnownClaimReason as ClaimReason, KnownDecisionReason as DecisionReason,
  KnownEvidenceStatus as EvidenceStatus, KnownEvidenceType as EvidenceType, KnownFileRefusal as FileRefusal, KnownFileWarning as FileWarning, KnownIfMissed as IfMissed,
  KnownMediaType as MediaType, KnownNoticeCode as NoticeCode, KnownOfferStatus as OfferStatus, KnownOfferType as OfferType,
  KnownOutcomeCode as OutcomeCode, KnownReason as Reason, KnownRefundProgress as RefundProgress, KnownReturnCondition as ReturnCondition,
  KnownRole as Role, KnownStatus as Status, KnownSubReason as SubReason, KnownTrackingStatus as TrackingStatus, MessageDocument,
  MoneyDocument, OfferDocument, OfferSummary, OpenDocument, OperatedCaseDocument, OperationsSummaryDocument, OrderDocument, OutcomeDocument, OutcomeSummary, QueueDocument, SideGuideDocument,
  TimelineDocument, UnreadableDispute, UploadDocument,
} from "./schema";

// The team's.
export type {
  BriefDocument, ColleagueDocument, DecisionPreviewDocument, KnownDecisionOutcome as DecisionOutcome, MediationSummary, MemberDocument, NoteDocument, NoteList,
  PendingDecisionDocument, SidePreview, TemplateDocument,
} from "./schema";

type TypeOf<Entry> = Entry extends { type: infer Type } ? (string extends Type ? never : Type) : never;

/** The types of the timeline's entries that the contract names. */
export type EventType = TypeOf<TimelineDocument>;

/** A refusal: what any operation may add to the members that all of them have. */
export type Problem = Pick<ProblemValidationFailed, "code"> & Partial<ProblemValidationFailed & MakeOfferProblem409 & OpenDisputeProblem409>;

export type Dispute = DisputeDocument;

/** What a list has of a dispute, and as whom the reader has it. */
export interface Listed { dispute: DisputeSummary; reader: KnownRole }

/** The dispute of a list, or its id alone where it cannot be read. */
export type Summary = DisputeSummary | UnreadableDispute;

/** Everything that the page of a case shows, with the answer's ETag. */
export interface Case { page: CasePageDocument; etag: string | null }

export interface Page<Item> { items: Item[]; next_page_token?: string; viewer: { role: string } }
