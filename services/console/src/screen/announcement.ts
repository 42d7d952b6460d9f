import { useEffect, useRef, useState } from 'react'
import { type Message, authorShown } from '../api/shapes.ts'
import { useTexts } from './work.tsx'

const ANNOUNCED_EVERY_MS = 2_000

/** What to say of messages that came: one as it is, several in a row as their number, and not only once they stop coming. */
export function useAnnouncement(messages: readonly Message[], isLoaded: boolean): string {
  const texts = useTexts()
  const [said, setSaid] = useState('')
  const upTo = useRef<string>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const latest = useRef(messages)
  latest.current = messages
  const lastId = messages.at(-1)?.id
  useEffect(() => {
    if (!isLoaded) return
    if (upTo.current === undefined) {
      upTo.current = lastId ?? ''
      return
    }
    if (upTo.current === lastId || timer.current !== undefined) return
    timer.current = setTimeout(() => {
      timer.current = undefined
      const all = latest.current
      const fresh = all
        .slice(all.findIndex(({ id }) => id === upTo.current) + 1)
        .filter(({ author, isFromApp }) => author.kind !== 'agent' || isFromApp === true)
      upTo.current = all.at(-1)?.id ?? ''
      const [one] = fresh
      if (one === undefined) return
      const words =
        fresh.length === 1
          ? texts.thread.announced(
              one.author.name ?? texts.authors[authorShown(one.author.kind, one.isFromApp)],
              one.text ?? one.type,
            )
          : texts.thread.announcedMany(fresh.length)
      // The same words again are said again only where something of them changed.
      setSaid((before) => (before === words ? `${words}\u00a0` : words))
    }, ANNOUNCED_EVERY_MS)
  }, [isLoaded, lastId, texts])
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
  return said
}
