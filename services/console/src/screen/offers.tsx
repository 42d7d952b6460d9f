import { TextInput } from '@mantine/core'
import { useCallback, useEffect, useRef } from 'react'
import type { Offer } from '../api/shapes.ts'
import { isComposing } from './pressed.ts'
import { useCalled, useFormat, useNow, useSurroundings, useTexts, useWork } from './work.tsx'

interface OffersProps {
  readonly onAccept: (offer: Offer) => void
  readonly onDecline: (offer: Offer, reason?: string) => void
}

/** Stands beside what one works at and takes no focus: nothing that arrives may. */
export function Offers({ onAccept, onDecline }: OffersProps) {
  const { desk, me } = useWork()
  const texts = useTexts()
  const format = useFormat()
  const called = useCalled(me.names)
  const now = useNow(500)
  useAttention(desk.offers)
  return (
    <>
      <p className="hidden" role="status">
        {desk.offers.length > 0 && texts.offer.notification}
      </p>
      <section className="offers" aria-label={texts.offer.title} hidden={desk.offers.length === 0}>
        {desk.offers.map((offer, index) => {
          const { offerId, contact, queue, expiresAt, waitingSince, why } = offer
          const leftMs = Math.max(0, Date.parse(expiresAt) - now)
          return (
            <article
              key={offerId}
              className="offer"
              aria-label={texts.offer.from(contact.name || texts.noName, called('queues', queue))}
              onKeyDown={(event) => {
                if (event.key === 'Escape' && !isComposing(event.nativeEvent)) onDecline(offer)
              }}
            >
              <h2>{texts.offer.title}</h2>
              <p>
                <b>
                  <bdi>{contact.name || texts.noName}</bdi>
                </b>{' '}
                <span className="tag">{called('queues', queue)}</span>
              </p>
              <p>
                {texts.offer.waited(format.duration(now - Date.parse(waitingSince)))}
                {contact.language !== null &&
                  ` · ${texts.offer.speaks(texts.languages[contact.language] ?? contact.language)}`}
              </p>
              {why != null && <p>{texts.card.handoverReasons[why] ?? why}</p>}
              <p className="left" role="timer" data-urgent={leftMs < 5_000}>
                {texts.offer.left(format.seconds(leftMs))}
              </p>
              <p className="actions">
                <button type="button" className="strong" onClick={() => onAccept(offer)}>
                  {texts.offer.accept} {index === 0 && <kbd>A</kbd>}
                </button>
                <button type="button" className="plain" onClick={() => onDecline(offer)}>
                  {texts.offer.decline} {index === 0 && <kbd>D</kbd>}
                </button>
              </p>
              <details>
                <summary>{texts.offer.declineWhy}</summary>
                <form
                  className="actions"
                  onSubmit={(event) => {
                    event.preventDefault()
                    const field = event.currentTarget.elements.namedItem('reason')
                    onDecline(offer, field instanceof HTMLInputElement ? field.value.trim() : '')
                  }}
                >
                  <TextInput name="reason" aria-label={texts.offer.reason} maxLength={200} />
                  <button type="submit" className="plain">
                    {texts.offer.decline}
                  </button>
                </form>
              </details>
            </article>
          )
        })}
      </section>
    </>
  )
}

function useAttention(offers: readonly Offer[]): void {
  const texts = useTexts()
  const call = useCall()
  const told = useRef(new Set<string>())
  useEffect(() => {
    const fresh = offers.filter(({ offerId }) => !told.current.has(offerId))
    told.current = new Set(offers.map(({ offerId }) => offerId))
    if (fresh.length > 0) call(texts.offer.notification, 'offer')
  }, [offers, call, texts])
}

/** A sound and a notification while nobody looks at the desk. Neither says who it is or what was written. */
export function useCall(): (text: string, tag: string) => void {
  const { settings } = useSurroundings()
  return useCallback(
    (text, tag) => {
      if (document.hasFocus()) return
      if (settings.sound) beep()
      if (settings.notifications && 'Notification' in window && Notification.permission === 'granted') {
        // One of each kind stands there, and an older one that nobody took away must not be replaced in silence.
        const again: NotificationOptions & { renotify: boolean } = { tag, renotify: true }
        const notification = new Notification(text, again)
        notification.addEventListener('click', () => window.focus())
      }
    },
    [settings],
  )
}

function beep(): void {
  const context = new AudioContext()
  const tone = context.createOscillator()
  const loudness = context.createGain()
  loudness.gain.value = 0.1
  tone.frequency.value = 660
  tone.connect(loudness).connect(context.destination)
  tone.start()
  tone.stop(context.currentTime + 0.25)
  tone.addEventListener('ended', () => void context.close())
}
