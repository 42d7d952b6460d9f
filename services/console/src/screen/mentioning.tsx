import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react'
import { meantBy, mentionBegun } from '../state/mentions.ts'
import { useTexts, useWork } from './work.tsx'

interface Mentioning {
  /** Whom the name that is being written may mean, below the field. */
  readonly offered: ReactNode
  readonly fieldProps: Readonly<Record<string, string>>
  /** @returns whether the key was for the list */
  onKey(event: KeyboardEvent): boolean
}

/** @param replace puts a text in place of the one that ends at the caret */
export function useMentioning(text: string, caret: number, replace: (head: string) => void): Mentioning {
  const { me } = useWork()
  const texts = useTexts()
  const id = useId()
  const [at, setAt] = useState(0)
  const [passedOver, setPassedOver] = useState<number>()
  const begun = mentionBegun(text, caret)
  const isBegun = begun !== undefined
  useEffect(() => {
    if (isBegun) return
    setAt(0)
    setPassedOver(undefined)
  }, [isBegun])
  const meant = begun === undefined || begun.from === passedOver ? [] : meantBy(begun, me.colleagues ?? [])
  const current = meant[Math.min(at, meant.length - 1)]
  if (begun === undefined || current === undefined)
    return { offered: null, fieldProps: {}, onKey: () => false }
  const pick = (name: string) => {
    setAt(0)
    replace(`${text.slice(0, begun.from)}@${name} `)
  }
  const go = (by: number) => setAt((Math.min(at, meant.length - 1) + by + meant.length) % meant.length)
  return {
    fieldProps: {
      'aria-autocomplete': 'list',
      'aria-controls': id,
      'aria-activedescendant': `${id}-${current.id}`,
    },
    onKey({ key, shiftKey }) {
      if (shiftKey) return false
      if (key === 'ArrowDown') go(1)
      else if (key === 'ArrowUp') go(-1)
      else if (key === 'Enter' || key === 'Tab') pick(current.name)
      else if (key === 'Escape') setPassedOver(begun.from)
      else return false
      return true
    },
    offered: (
      <div className="options" role="listbox" id={id} aria-label={texts.composer.mentionWhom}>
        {meant.map((colleague) => (
          <div
            key={colleague.id}
            id={`${id}-${colleague.id}`}
            role="option"
            aria-selected={colleague === current}
            onMouseDown={(event) => {
              // The field keeps the focus.
              event.preventDefault()
              pick(colleague.name)
            }}
          >
            <bdi>{colleague.name}</bdi>
          </div>
        ))}
      </div>
    ),
  }
}
