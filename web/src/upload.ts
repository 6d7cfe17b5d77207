// Evidence files: what is allowed, their fingerprint, and the way to the bucket, with its progress.
import type { MediaType, UploadDocument } from "./api/types";

export const MEDIA_TYPES = {
  "image/jpeg": "JPEG",
  "image/png": "PNG",
  "image/webp": "WebP",
  "image/heic": "HEIC",
  "application/pdf": "PDF",
  "video/mp4": "MP4",
  "video/quicktime": "MOV",
} satisfies Record<MediaType, string>;
export const LARGEST_BYTES = 52_428_800;

// Many browsers do not know these, and say nothing or another name.
const BY_ENDING: Readonly<Record<string, MediaType>> = { heic: "image/heic", heif: "image/heic", mov: "video/quicktime" };

/** What a file is, in the contract's words; null for what is not taken. */
export function typeOf(file: File): MediaType | null {
  if (file.type in MEDIA_TYPES) return file.type as MediaType;
  return BY_ENDING[file.name.split(".").pop()?.toLowerCase() ?? ""] ?? null;
}

export const isAllowed = (file: File, largest: number): boolean => typeOf(file) !== null && file.size > 0 && file.size <= largest;

/** Whether the other side gets the file with all that it says of place, device and people: only pictures are copied. */
export const keepsMetadata = (file: File): boolean => !(typeOf(file) ?? "image/").startsWith("image/");

export interface Described { name: string; media_type: MediaType; size: number; sha256: string }

export async function sha256(file: File): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A file as the contract names it. */
export async function describe(file: File): Promise<Described> {
  return { name: file.name, media_type: typeOf(file) ?? "image/jpeg", size: file.size, sha256: await sha256(file) };
}

/** Send a file to where its form says; `onProgress` hears the part that is done. Rejects where it did not arrive. */
export async function upload(form: UploadDocument, file: File, onProgress: (part: number) => void): Promise<void> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, String(value));
  body.append("file", file);
  await new Promise<void>((resolve, reject) => {
    // The other way to send says nothing of its progress.
    const request = new XMLHttpRequest();
    request.open("POST", form.url);
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new Error(String(request.status)))));
    request.addEventListener("error", () => reject(new Error("network")));
    request.send(body);
  });
}

/** A size as people read it. */
export function size(bytes: number, locale: string): string {
  const unit = bytes < 1_000_000 ? "kilobyte" : "megabyte";
  const value = Math.max(1, Math.round(bytes / (unit === "kilobyte" ? 1_000 : 1_000_000)));
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(value);
}
