// The few elements that every page is made of.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { SignInNeeded, signIn } from "../auth";
import { wordsFor } from "../problems";
import { t } from "../words";

export function Button(props: {
  children: ComponentChildren; onClick?: () => void; kind?: "main" | "plain" | "danger"; type?: "button" | "submit"; disabled?: boolean;
}): JSX.Element {
  const { kind = "plain", type = "button", disabled = false } = props;
  // What is disabled would lose the focus; `useSending` sends nothing twice.
  return <button type={type} class={`button ${kind}`} aria-disabled={disabled} onClick={props.onClick}>{props.children}</button>;
}

export function Card(props: { title: string; children: ComponentChildren; id?: string }): JSX.Element {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id} id={props.id}>
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </section>
  );
}

/** A text that a person wrote: its own direction, nothing but text. */
export function Said(props: { text: string }): JSX.Element {
  return <p class="said" dir="auto">{props.text}</p>;
}

/** What went wrong; it takes the focus, so that a screen reader says it and a keyboard is where it belongs. */
export function Problem(props: { error: unknown }): JSX.Element | null {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { if (props.error) box.current?.focus(); }, [props.error]);
  if (!props.error) return null;
  return (
    <div class="problem" role="alert" tabIndex={-1} ref={box}>
      <p>{wordsFor(props.error)}</p>
      {props.error instanceof SignInNeeded ? <SignInAgain /> : null}
    </div>
  );
}

/** The way back in, to this same page. */
export function SignInAgain(): JSX.Element {
  return <Button kind="main" onClick={() => void signIn(location.pathname)}>{t("Sign in")}</Button>;
}

/** The sentence at the head of a page takes the focus, where what had it is gone. */
export function focusHead(tree: Document | ShadowRoot = document): void {
  tree.getElementById("now")?.focus();
}

/** A modal dialog: the browser keeps the focus inside and gives it back at the end. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    // In a shop's page the case is a tree of its own.
    const tree = dialog?.getRootNode();
    const root = tree instanceof ShadowRoot ? tree : document;
    const opener = root.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
      // A button that is gone once it was pressed leaves the focus nowhere.
      setTimeout(() => { if (root.activeElement === null || root.activeElement === document.body) focusHead(root); });
    };
  }, []);
  return (
    <dialog ref={box} aria-labelledby={id} onClose={props.onClose} onCancel={props.onClose}>
      <div class="bar">
        <h2 id={id}>{props.title}</h2>
        <button type="button" class="close" aria-label={t("Close")} onClick={props.onClose}>×</button>
      </div>
      {props.children}
    </dialog>
  );
}

interface FieldProps { label: string; value: string; onInput: (value: string) => void; hint?: string; required?: boolean }

function Hint(props: { id: string; text: string | undefined }): JSX.Element | null {
  return props.text ? <p class="hint" id={props.id}>{props.text}</p> : null;
}

export function TextField(props: FieldProps & { max?: number; numeric?: boolean }): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <Hint id={`${id}-hint`} text={props.hint} />
      <input
        id={id} value={props.value} required={props.required ?? false} maxLength={props.max ?? 200} autocomplete="off"
        inputMode={props.numeric ? "decimal" : "text"} dir={props.numeric ? "ltr" : "auto"}
        aria-describedby={props.hint ? `${id}-hint` : undefined} onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </div>
  );
}

export function TextArea(props: FieldProps & { max: number }): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <Hint id={`${id}-hint`} text={props.hint} />
      <textarea
        id={id} value={props.value} maxLength={props.max} rows={4} dir="auto" required={props.required ?? false}
        aria-describedby={props.hint ? `${id}-hint` : undefined} onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </div>
  );
}

export interface Choice { value: string; label: string; hint?: string }

export function Choices(props: { label: string; name: string; value: string; choices: Choice[]; onChange: (value: string) => void }): JSX.Element {
  const id = useId();
  return (
    <fieldset class="field">
      <legend>{props.label}</legend>
      {props.choices.map((choice) => (
        <label class="choice" key={choice.value}>
          <input
            type="radio" name={`${props.name}-${id}`} value={choice.value} checked={choice.value === props.value} required
            onChange={() => props.onChange(choice.value)}
          />
          <span>{choice.label}{choice.hint ? <small>{choice.hint}</small> : null}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Check(props: { label: string; checked: boolean; onChange: (checked: boolean) => void; required?: boolean }): JSX.Element {
  return (
    <label class="choice">
      <input
        type="checkbox" checked={props.checked} required={props.required ?? false}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}

/** Any of several, each of which can be ticked. */
export function Ticks<Value extends string>(props: { label: string; choices: { value: Value; label: string }[]; chosen: Value[]; onChange: (chosen: Value[]) => void }): JSX.Element {
  const { label, choices, chosen, onChange } = props;
  return (
    <fieldset class="field ticks">
      <legend>{label}</legend>
      {choices.map(({ value, label }) => (
        <Check
          key={value} label={label} checked={chosen.includes(value)}
          onChange={(on) => onChange(on ? [...chosen, value] : chosen.filter((one) => one !== value))}
        />
      ))}
    </fieldset>
  );
}

/** A choice out of many. */
export function Select(props: { label: string; value: string; choices: Choice[]; onChange: (value: string) => void; required?: boolean }): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select id={id} value={props.value} required={props.required ?? false} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.choices.map((choice) => <option value={choice.value} key={choice.value}>{choice.label}</option>)}
      </select>
    </div>
  );
}

/** Names and values in two columns. */
export function Facts(props: { facts: [string, ComponentChildren][] }): JSX.Element {
  return (
    <dl class="facts">
      {props.facts.filter(([, value]) => value !== null && value !== "").map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}
