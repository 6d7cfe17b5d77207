// Amounts: integer minor units in the contract, the reader's own notation on the page.
import type { MoneyDocument } from "./api/types";
import { formats, isolated, isRightToLeft } from "./words";

// ISO 4217's exponents, as the API has them; `Intl` follows CLDR, which differs for some, and a wrong one misstates an
// amount a hundredfold. A test compares them with the API's.
const BY_DECIMALS: Record<number, string> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

function decimalsOf(currency: string): number {
  const found = Object.entries(BY_DECIMALS).find(([, codes]) => codes.split(" ").includes(currency));
  return found === undefined ? 2 : Number(found[0]);
}

/** 1299 USD as "$12.99". From the right, the amount and its currency are kept apart: "US$" would fall to pieces. */
export function money({ amount_minor, currency }: MoneyDocument): string {
  const digits = decimalsOf(currency);
  const parts = new Intl.NumberFormat(formats(), {
    style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).formatToParts(amount_minor / 10 ** digits);
  if (!isRightToLeft()) return parts.map(({ value }) => value).join("");
  return isolated(parts.map(({ type, value }) => (type === "currency" ? isolated(value) : value)).join(""));
}

/** What somebody would type for the amount: "12.99", without a symbol. */
export function typed({ amount_minor, currency }: MoneyDocument): string {
  const digits = decimalsOf(currency);
  return (amount_minor / 10 ** digits).toFixed(digits);
}

/** The amount that somebody typed, in any digits and with a point or a comma; null where it is none. */
export function parseMoney(text: string, currency: string): MoneyDocument | null {
  const digits = decimalsOf(currency);
  const plain = text
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[\s\u00a0\u202f']/g, "")
    .replace(/[,\u066b]/g, ".");
  const found = plain.match(/^(\d{1,10})(?:\.(\d*))?$/);
  const rest = found?.[2] ?? "";
  if (!found || rest.length > digits) return null;
  return { amount_minor: Number(found[1]! + rest.padEnd(digits, "0")), currency };
}

export const total = (amounts: MoneyDocument[]): MoneyDocument | null =>
  amounts[0] === undefined ? null
    : { amount_minor: amounts.reduce((sum, one) => sum + one.amount_minor, 0), currency: amounts[0].currency };
