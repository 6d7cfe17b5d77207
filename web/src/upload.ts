// Evidence files: what is allowed, their fingerprint, and the way to the bucket, with its progress.
import type { MediaType, UploadDocument } from "./api/types";

export const MEDIA_TYPES = {
  "image/jpeg": "JPEG",
  "image/png": "PNG",
  "image/webp": "WebP",
  "application/pdf": "PDF",
  "video/mp4": "MP4",
} satisfies Record<MediaType, string>;
export const LARGEST_BYTES = 52_428_800;

export const isAllowed = (file: File, largest: number): boolean => file.type in MEDIA_TYPES && file.size > 0 && file.size <= largest;

export interface Described { name: string; media_type: MediaType; size: number; sha256: string }

export async function sha256(file: File): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A file as the contract names it. */
export async function describe(file: File): Promise<Described> {
  return { name: file.name, media_type: file.type as MediaType, size: file.size, sha256: await sha256(file) };
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
