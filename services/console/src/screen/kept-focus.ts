import { type FocusEvent, useEffect, useRef } from 'react'

type Place = HTMLElement | null | undefined
const NOWHERE: readonly Place[] = []

/**
 * What has the focus and goes, such as a button once what it does is done, leaves it on nothing: whoever works by keys or by ear begins again at the
 * top of the page, and the next letter is a key of the desk. It goes to the first of these places that is there instead.
 * @param placesOf asked while it has the focus: what is gone stands nowhere
 * @returns for the element in which that counts
 */
export function useKeptFocus(placesOf: (focused: Element) => readonly Place[]) {
  const box = useRef<HTMLDivElement>(null)
  const places = useRef(NOWHERE)
  useEffect(() => {
    const gone = new MutationObserver(() => {
      if (document.activeElement !== document.body) return
      places.current.find((place) => place?.isConnected)?.focus({ preventScroll: true })
      places.current = NOWHERE
    })
    gone.observe(box.current!, { childList: true, subtree: true })
    return () => gone.disconnect()
  }, [])
  return {
    ref: box,
    // What is in a dialog bubbles here too: a dialog gives the focus back itself.
    onFocus({ currentTarget, target }: FocusEvent) {
      places.current = currentTarget.contains(target) ? placesOf(target) : NOWHERE
    },
    // React tells nothing of a focus that ends because its element goes.
    onBlur() {
      places.current = NOWHERE
    },
  }
}
