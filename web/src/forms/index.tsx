// Which form belongs to which action. What has none is no button of these pages.
import type { JSX } from "preact";
import type { Action } from "../api/types";
import { AcceptOffer, AcceptRequest, DeclineOffer, MakeOffer, WithdrawOffer } from "./agreement";
import type { FormProps } from "./asking";
import { Cancel, ChangeReason, Escalate, EvidenceComplete, WithdrawEvidence } from "./course";
import { AddEvidence } from "./evidence";
import { AcknowledgeReturn, ConfirmAddress, RegisterShipment } from "./returns";

const FORMS: Record<string, (props: FormProps) => JSX.Element> = {
  ACCEPT_OFFER: AcceptOffer,
  ACCEPT_REQUEST: AcceptRequest,
  ACKNOWLEDGE_RETURN: AcknowledgeReturn,
  ADD_EVIDENCE: AddEvidence,
  CANCEL: Cancel,
  CHANGE_REASON: ChangeReason,
  CONFIRM_RETURN_ADDRESS: ConfirmAddress,
  DECLINE_OFFER: DeclineOffer,
  ESCALATE: Escalate,
  EVIDENCE_COMPLETE: EvidenceComplete,
  MAKE_OFFER: MakeOffer,
  REGISTER_RETURN_SHIPMENT: RegisterShipment,
  WITHDRAW_EVIDENCE: WithdrawEvidence,
  WITHDRAW_OFFER: WithdrawOffer,
} satisfies Partial<Record<Action, (props: FormProps) => JSX.Element>>;

export const hasForm = (action: string): boolean => action in FORMS;

export function ActionForm(props: FormProps): JSX.Element | null {
  const Form = FORMS[props.action.action];
  return Form === undefined ? null : <Form {...props} />;
}
