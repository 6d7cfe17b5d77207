// The viewer: one file or two beside each other, on the whole screen, by keys: arrows, + and -, R, S, F.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { loadEvidence } from "../api/cases";
import type { EvidenceDocument, EvidenceFileDocument } from "../api/types";
import { EVIDENCE_TYPES } from "../enums";
import { useLoad } from "../loading";
import { Shown } from "../parts/shown";
import { Button, Dialog, Said, Select } from "../parts/ui";
import { capital, isRightToLeft, t, wordOf } from "../words";

export interface Exhibit { item: EvidenceDocument; file: EvidenceFileDocument; side: string }

const LARGEST = 8;

/** The key of ours that was pressed, whatever Caps Lock says: "" where it is a choice's, a film's or the browser's. */
function keyOf(event: KeyboardEvent): string {
  const isTheirs = event.target instanceof HTMLSelectElement || event.target instanceof HTMLMediaElement;
  return isTheirs || event.ctrlKey || event.metaKey || event.altKey ? "" : event.key.toLowerCase();
}

/** What leads back and on: what is read from the right goes on to the left. */
const arrows = (): { keys: [string, string]; signs: [string, string] } => (isRightToLeft()
  ? { keys: ["arrowright", "arrowleft"], signs: ["→", "←"] } : { keys: ["arrowleft", "arrowright"], signs: ["←", "→"] });

export function Viewer({ exhibits, first, onClose }: { exhibits: Exhibit[]; first: number; onClose: () => void }): JSX.Element {
  // Beside a file of one side comes one of the other, where there is any.
  const opposite = exhibits.findIndex((one) => one.side !== exhibits[first]?.side);
  const [isDouble, setDouble] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  function wholeScreen(): void {
    const change = document.fullscreenElement === null ? box.current?.requestFullscreen() : document.exitFullscreen();
    change?.catch(() => undefined);
  }
  function press(event: KeyboardEvent): void {
    const key = keyOf(event);
    if (key === "s") setDouble(!isDouble);
    if (key === "f") wholeScreen();
  }
  return (
    <Dialog title={t("Evidence")} onClose={onClose}>
      <div class="viewer" ref={box} onKeyDown={press}>
        <div class="buttons">
          <Button onClick={() => setDouble(!isDouble)}>{isDouble ? t("One alone") : t("Side by side")} (S)</Button>
          <Button onClick={wholeScreen}>{t("Whole screen")} (F)</Button>
        </div>
        <div class={isDouble ? "panes double" : "panes"}>
          <Pane exhibits={exhibits} first={first} name={t("First file")} isFocused />
          {isDouble ? <Pane exhibits={exhibits} first={opposite < 0 ? first : opposite} name={t("Second file")} /> : null}
        </div>
      </div>
    </Dialog>
  );
}

/** One file, which keys and buttons change, enlarge and turn while the focus is in its pane. */
function Pane({ exhibits, first, name, isFocused }: { exhibits: Exhibit[]; first: number; name: string; isFocused?: boolean }): JSX.Element {
  const [{ at, zoom, turn }, set] = useState({ at: first, zoom: 1, turn: 0 });
  const { keys, signs } = arrows();
  const go = (by: number): void => set({ at: (at + by + exhibits.length) % exhibits.length, zoom: 1, turn: 0 });
  const enlarge = (by: number): void => set({ at, turn, zoom: Math.min(LARGEST, Math.max(1, zoom * by)) });
  const rotate = (): void => set({ at, zoom, turn: (turn + 90) % 360 });
  function press(event: KeyboardEvent): void {
    const key = keyOf(event);
    const does = { [keys[1]]: () => go(1), [keys[0]]: () => go(-1), "+": () => enlarge(1.5), "-": () => enlarge(1 / 1.5), r: rotate }[key];
    // What is enlarged is moved by them.
    if (does !== undefined && !(zoom > 1 && key.startsWith("arrow"))) {
      event.preventDefault();
      does();
    }
  }
  const shown = exhibits[at];
  if (shown === undefined) return <></>;
  return (
    <section class="pane" aria-label={name} onKeyDown={press}>
      <Select
        label={name} value={String(at)} onChange={(value) => set({ at: Number(value), zoom: 1, turn: 0 })}
        choices={exhibits.map(({ item, file, side }, index) => ({ value: String(index), label: `${side} · ${capital(wordOf(EVIDENCE_TYPES, item.type))} · ${file.name}` }))}
      />
      <div class="buttons">
        <Button onClick={() => go(-1)}>{t("Previous")} ({signs[0]})</Button>
        <Button onClick={() => go(1)}>{t("Next")} ({signs[1]})</Button>
        <Button onClick={() => enlarge(1.5)}>{t("Larger")} (+)</Button>
        <Button onClick={() => enlarge(1 / 1.5)}>{t("Smaller")} (−)</Button>
        <Button onClick={rotate}>{t("Turn")} (R)</Button>
      </div>
      <div class="stage" tabIndex={0} role="group" aria-label={shown.file.name} autofocus={isFocused ?? false}>
        <File key={`${shown.item.evidence_id}/${shown.file.file_id}`} shown={shown} zoom={zoom} turn={turn} />
      </div>
      {shown.item.text === "" ? null : <Said text={shown.item.text} />}
    </section>
  );
}

/** With a link of now: those of the page live for minutes. Pictures and films by their elements; all else is saved. */
function File({ shown: { item, file }, zoom, turn }: { shown: Exhibit; zoom: number; turn: number }): JSX.Element {
  const loaded = useLoad(file.file_id, async () => await loadEvidence(item.dispute_id, item.evidence_id));
  return (
    <Shown loaded={loaded}>
      {({ files }) => {
        const found = files.find((one) => one.file_id === file.file_id);
        // No browser but Safari shows HEIC, and every one its copy.
        const url = (file.media_type === "image/heic" ? found?.copy?.download : undefined)?.url ?? found?.download?.url;
        if (url === undefined) return <p>{t("This page cannot be shown")}</p>;
        const style = { width: `${zoom * 100}cqmin`, rotate: `${turn}deg` };
        if (file.media_type.startsWith("image/")) return <img src={url} alt={file.name} style={style} />;
        if (file.media_type.startsWith("video/")) return <video src={url} controls preload="metadata" style={style} />;
        return <a class="button plain" href={url} download={file.name} rel="noreferrer">{t("Save the file")}</a>;
      }}
    </Shown>
  );
}
