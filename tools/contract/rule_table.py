"""The rules: id, the help page's words, and the rule in a few words."""

RULES: dict[str, tuple[str, str]] = {
    "R1": (
        "You can only submit a refund request for items purchased on AliExpress.com",
        'The caller is the order\'s buyer; otherwise 404, the same for "absent" and "not yours".',
    ),
    "R2": (
        "there is a deadline for opening a case before order completion",
        "A dispute is opened before the order completes.",
    ),
    "R3": (
        "The completion time depends on the seller's guaranteed delivery time",
        "Shipment plus the guaranteed days; a completion time from the shop wins; the receipt completes at once.",
    ),
    "R4": (
        "You can find the order completion time in your order details",
        "The order shows when it completes, when disputes open, and warnings.",
    ),
    "R5": ("You can contact the seller by:", "A case has a message thread; the opening records the contact."),
    "R6": (
        "If you were unable to resolve the problem with the seller",
        "Prior contact is declared, not proved.",
    ),
    "R7": ("This option is available 5 days after the seller's shipment", "Opening from five days on."),
    "R8": (
        (
            "If the promised delivery time is only up to 5 days, this option is available directly after the"
            " seller's shipment"
        ),
        "With a promise of up to five days, opening at once.",
    ),
    "R9": ("after the seller's shipment", "Nothing can be disputed before it is shipped."),
    "R10": (
        "Goods Are Not Received / not as described",
        "Two reasons, each with its sub-reasons.",
    ),
    "R11": ("refund request / partially refund you", "More than nothing, and at most what was paid."),
    "R12": ('the "Open Dispute" button', "At most one open dispute per order, also under a race."),
    "R13": (
        "(follows from R2)",
        "An open dispute holds the order; after a cancellation the order continues.",
    ),
    "R14": (
        "you can begin to negotiate a resolution with the seller",
        "Both sides propose, accept, decline, withdraw; nobody accepts their own offer.",
    ),
    "R15": (
        (
            "If a resolution is not found within 15 days, the case will automatically be sent to our Case Management"
            " Team"
        ),
        "The clock escalates at fifteen days, exactly once.",
    ),
    "R16": (
        "you can click the Escalate Dispute button during the 15-day dispute resolution period",
        "The buyer escalates from three days up to fifteen.",
    ),
    "R17": (
        "3 days after submitting your initial refund request",
        "Counted from the first request; later changes do not count.",
    ),
    "R18": ("you can …", "Only the buyer escalates."),
    "R19": (
        "By filing a claim, you are stating you have been unable to reach a fair, reasonable agreement",
        "The escalation confirms it; time and actor are stored.",
    ),
    "R20": (
        "the seller not responding to your requests or refusing to partially refund you",
        "A claim has a reason. A seller who does not respond is one, and never causes an automatic refund.",
    ),
    "R21": (
        "will review the evidence provided by the buyer and seller during the dispute",
        "Evidence of the negotiation counts in the claim.",
    ),
    "R22": (
        (
            "Claims will be cancelled if no evidence is provided within the time period set by the Case Management"
            " Team"
        ),
        "No evidence at all by the due instant: cancelled; otherwise a review.",
    ),
    "R23": ("AliExpress will contact both parties during the claim", "One mail per event and person."),
    "R24": (
        "will make a final decision based on the evidence provided by both parties in a reasonable timeframe",
        "Only the team decides, during a review, with reasons; a late decision raises an alarm.",
    ),
    "R25": (
        "All decisions made by the AliExpress Case Management Team are final",
        "A closed case accepts no write.",
    ),
    "R26": (
        "It is important to provide enough evidence during the dispute process with the seller",
        "Evidence from the opening on; withdrawn only while negotiating.",
    ),
    "R27": (
        (
            "If you find the order is not as described, please modify the reason for your dispute request within 5"
            " days"
        ),
        "NOT_RECEIVED becomes NOT_AS_DESCRIBED up to five days after the last parcel was registered, never back.",
    ),
    "R28": (
        "If you have received your order, please cancel the dispute immediately",
        "The buyer cancels; a new dispute is possible while the order allows one.",
    ),
    "R29": (
        "The system will continue to track the delivery status of your order",
        "Tracking is accepted at every stage; duplicates and late arrivals change nothing.",
    ),
    "R30": (
        "If the system eventually registers the tracking information as Delivered, it will inform you by email",
        "Each delivered parcel sends one mail, the last one names R27's end; none closes anything.",
    ),
    "R31": (
        (
            "If you didn't receive your order because you failed to arrange for its collection, the order will be"
            " finished"
        ),
        "COLLECTION_EXPIRED without an open dispute finishes the order.",
    ),
    "R32": ("Driver/Shipper Release / Signature Obtained", "A signature parcel is proved by its signature."),
    "R33": (
        "contact the seller and seek their written consent",
        "Evidence of the type ADDRESS_CHANGE_CONSENT.",
    ),
    "R34": ("Avoid using PO Boxes", "A warning on the order that blocks nothing."),
    "R35": (
        "a CE certificate or other related document from the seller",
        "Evidence CUSTOMS_DOCUMENT, sub-reason CUSTOMS_HELD, decision reason BUYER_IMPORT_DUTY.",
    ),
    "R36": (
        "please make sure you confirm the return address with the seller before sending it back",
        "A return goes to a confirmed address, within its windows.",
    ),
    "R37": (
        "Review the seller's feedback / check the listing / allow enough time",
        "Advice, worded as help in the mails.",
    ),
    "R38": (
        "(follows from what the shop may change)",
        "Once an order has had a dispute, its parties and its currency are fixed; mails go to the case's parties only.",
    ),
    "R39": (
        "(follows from what the shop may change)",
        "Nothing is granted or sent out above what is left: what was paid, less what was given back by whomever.",
    ),
    "R40": (
        "(follows from what the shop may change)",
        "A case keeps its items as they were; what no settlement was about stays disputable.",
    ),
    "R41": (
        "(follows from what the shop may change)",
        "Facts from outside are bounded, can be corrected, and never come under an id that stood for another fact.",
    ),
    "R42": (
        "(follows from what hurts users elsewhere)",
        "Every way from a return to a review opens a window for the evidence of both sides.",
    ),
    "R43": (
        "(follows from what hurts users elsewhere)",
        "The review starts as soon as nobody's evidence is awaited; a late item or reason has a day's answer.",
    ),
    "R44": (
        "(follows from what a page promises)",
        "A refund that is paid, comes back, or will not come by itself is mailed and shown; a late decision is mailed.",
    ),
    "R45": (
        "(follows from what hurts users elsewhere)",
        "What the team says to itself lies in rows of its own; no party sees it, and nothing of theirs moves by it.",
    ),
    "R46": (
        "(follows from what people can repeat)",
        "Limits are per party, and the team has its own; what can be repeated is mailed within a budget.",
    ),
    "R47": (
        "(follows from how the team works)",
        (
            "Window, request and decision need assignment to oneself, and only a present member of the team is given a"
            " claim; membership is checked at the instant of whatever a member of the team does to a case."
        ),
    ),
    "R48": (
        "(follows from what is kept of people)",
        (
            "A person's data is exported, and erased seven days after it is asked for: texts and contacts go; digests,"
            " ids, amounts and instants stay. Refused while a case is open, a refund unpaid or a hold is set."
        ),
    ),
    "R49": (
        "(follows from what files say of people)",
        "Pictures reach the other side without metadata (place, device, names).",
    ),
    "R50": (
        "(follows from what hurts users elsewhere)",
        "What is offered is never refused for a known reason; no mail advises a step that loses money or is overtaken.",
    ),
    "R51": (
        "(follows from what the shop may change)",
        "Where everything was given back elsewhere, the case ends; the request grants what is left.",
    ),
}
