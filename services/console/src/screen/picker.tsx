import { Modal, TextInput } from '@mantine/core'
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { plain } from '../state/plain.ts'
import { conversationShown, isComposing } from './pressed.ts'
import { useTexts } from './work.tsx'

export interface Choice {
  readonly id: string
  readonly label: string
  readonly detail?: string
  readonly keys?: string
}

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  readonly size?: string
}

/**
 * What is typed right behind the key that opens a dialog, or its next step, is for what opens: a ref of a part that comes with it.
 * Mantine's trap moves the focus a turn of the event loop later, and only once: an Enter between the two would be lost.
 */
export const takeFocus = (part: HTMLElement | null) =>
  part?.parentElement?.querySelector<HTMLElement>('[data-autofocus]')?.focus()

/** All dialogs of the desk: focus goes in, stays, and returns; where what had it has gone meanwhile, to the conversation. */
export function Dialog({ title, onClose, children, size = 'md' }: DialogProps) {
  const texts = useTexts()
  const [before] = useState(() => document.activeElement)
  useLayoutEffect(
    () => () => {
      // What is gone or disabled by now takes none.
      for (const place of before === document.body ? [] : [before, conversationShown()]) {
        if (place instanceof HTMLElement) place.focus()
        if (document.activeElement === place) return
      }
    },
    [before],
  )
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size={size}
      // The page itself never scrolls; and what locks it would write a style element, which the policy refuses.
      lockScroll={false}
      transitionProps={{ duration: 0 }}
    >
      {/* Not Mantine's header: to assistive technology that would be a second one of the page. */}
      <div className="dialog-head" ref={takeFocus}>
        <Modal.Title>{title}</Modal.Title>
        <Modal.CloseButton aria-label={texts.cancel} />
      </div>
      {children}
    </Modal>
  )
}

interface PickerProps {
  readonly title: string
  readonly choices: readonly Choice[]
  readonly empty: string
  readonly onPick: (id: string) => void
  readonly onClose: () => void
}

/** One of many, by typing and arrows: commands, quick replies, reasons, templates, people. */
export function Picker({ title, choices, empty, onPick, onClose }: PickerProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <Options
        label={title}
        choices={choices}
        empty={empty}
        onPick={(id) => {
          // Closed and the focus given back before anything is done: what is done may move it, and the next key is for where it then is.
          flushSync(onClose)
          onPick(id)
        }}
      />
    </Dialog>
  )
}

interface OptionsProps {
  readonly label: string
  readonly choices: readonly Choice[]
  /** They are still to come: what is pressed meanwhile counts for them. */
  readonly isLoading?: boolean
  readonly empty: string
  readonly onPick: (id: string) => void
}

/** More nobody reads through, and each of them is drawn: who wants another one types. */
const SHOWN_MAX = 200

export function Options({ label, choices, isLoading = false, empty, onPick }: OptionsProps) {
  const texts = useTexts()
  const base = useId()
  const [wanted, setWanted] = useState('')
  const [at, setAt] = useState(0)
  const [isEntered, setIsEntered] = useState(false)
  const list = useRef<HTMLDivElement>(null)
  const words = plain(wanted).split(/\s+/).filter(Boolean)
  const shown = choices
    .filter(({ label, detail = '' }) => {
      const text = plain(`${label} ${detail}`)
      return words.every((word) => text.includes(word))
    })
    .slice(0, SHOWN_MAX)
  const current = shown[Math.min(at, shown.length - 1)]
  const go = (to: number) => {
    const next = isLoading ? Math.max(0, to) : (to + shown.length) % Math.max(1, shown.length)
    setAt(next)
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' })
  }
  useLayoutEffect(() => {
    if (!isEntered || isLoading) return
    setIsEntered(false)
    if (current !== undefined) onPick(current.id)
  }, [isEntered, isLoading, current, onPick])
  return (
    <>
      <TextInput
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls={`${base}-list`}
        aria-activedescendant={current && `${base}-${current.id}`}
        aria-label={label}
        placeholder={texts.dialogs.search}
        value={wanted}
        autoComplete="off"
        onChange={({ currentTarget }) => {
          setWanted(currentTarget.value)
          setAt(0)
          setIsEntered(false)
        }}
        onKeyDown={(event) => {
          if (isComposing(event.nativeEvent)) return
          if (event.key === 'ArrowDown') go(at + 1)
          else if (event.key === 'ArrowUp') go(at - 1)
          else if (event.key === 'Enter') {
            if (current !== undefined) onPick(current.id)
            else setIsEntered(isLoading)
          } else return
          event.preventDefault()
        }}
      />
      <div ref={list} className="options" role="listbox" id={`${base}-list`} aria-label={label}>
        {shown.map(({ id, label, detail, keys }, index) => (
          <div
            key={id}
            id={`${base}-${id}`}
            role="option"
            aria-selected={shown[index] === current}
            onPointerMove={() => setAt(index)}
            onClick={() => onPick(id)}
          >
            <span dir="auto">{label}</span>
            {keys !== undefined && <kbd>{keys}</kbd>}
            {detail !== undefined && (
              <span className="small" dir="auto">
                {detail}
              </span>
            )}
          </div>
        ))}
      </div>
      {shown.length === 0 && (
        <p className="quiet" role="status">
          {choices.length === 0 ? empty : texts.dialogs.nothing}
        </p>
      )}
    </>
  )
}
